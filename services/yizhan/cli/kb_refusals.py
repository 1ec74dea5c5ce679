"""The named errors of drafts and releases, as the command line tells them."""

from collections.abc import Iterator
from contextlib import contextmanager

from yizhan.cli.asking import FAILED, Refusal
from yizhan.dialogue.builder import BuildFailed
from yizhan.dialogue.drafts import StaleRevision
from yizhan.dialogue.publishing import NeverPublished, NothingToBuild, PublishedMeanwhile
from yizhan.dialogue.shelf import ReleaseUnusable


@contextmanager
def in_words() -> Iterator[None]:
    """Whatever is named becomes a Refusal; everything else passes."""
    try:
        yield
    except BuildFailed as error:
        raise Refusal(
            f"the build failed ({error}); draft and published release are what they were", exit_code=FAILED
        ) from error
    except NothingToBuild as error:
        raise Refusal("the draft has no entries", exit_code=FAILED) from error
    except StaleRevision as error:
        raise Refusal(f"{error.name} was changed in the same moment; try again", exit_code=FAILED) from error
    except NeverPublished as error:
        raise Refusal("it was never published: `yizhan kb publish` checks it first", exit_code=FAILED) from error
    except PublishedMeanwhile as error:
        raise Refusal("others publish in the same moment; try again", exit_code=FAILED) from error
    except ReleaseUnusable as error:
        raise Refusal(
            f"the release cannot be used: {error.reason} {error.detail}".rstrip(), exit_code=FAILED
        ) from error
