"""The business's own value rules: a file in the home folder, or one that the settings name."""

from pathlib import Path
from typing import ClassVar

from yizhan.core.runtime.errors import StartupError
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.customers.value_rules import RulesInvalid, ValueRules, default_rules, parse_rules

FILE_NAME = "value-rules.yaml"


class RulesUnusable(StartupError):
    """The file cannot be used; the message says which, where and why."""

    exit_code: ClassVar[int] = 2


def value_rules_of(settings: DialogueSettings) -> ValueRules:
    """The rules of these settings; those shipped where there is no file. Raises RulesUnusable."""
    named = settings.value_rules_file
    path = Path(named) if named else settings.home / FILE_NAME
    if not path.exists() and not named:
        return ValueRules(default_rules(), {})
    try:
        return parse_rules(path.read_text("utf-8"))
    except OSError as error:
        raise RulesUnusable(f"the value rules in {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, RulesInvalid) as error:
        why = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise RulesUnusable(f"the value rules in {path} are wrong: {why}") from error
