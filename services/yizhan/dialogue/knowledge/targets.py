"""What the index of a release finds: its entries, and its tasks by the phrasings that start them."""

from collections.abc import Iterator

from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.tasks.definition import Task
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.problems import TaskInvalid


def targets(contents: Contents) -> tuple[Entry, ...]:
    """The entries, then a stand-in for each task with triggers: its id is the task's target, its answer is empty."""
    starting = [
        Entry(task.target, task.triggers[0], tuple(task.triggers[1:]), "")
        for task in tasks_of(contents)
        if task.triggers
    ]
    return (*contents.entries, *starting)


def tasks_of(contents: Contents) -> Iterator[Task]:
    """The tasks that can be read; the checks name those that cannot."""
    for text in contents.tasks.values():
        try:
            yield parse_task(text)
        except TaskInvalid:
            continue
