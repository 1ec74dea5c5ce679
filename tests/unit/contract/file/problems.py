"""What a file is refused for, in the form that tests compare."""

import pytest

from yizhan.contract.file import ContractInvalid, parse_contract


def told(text: str) -> list[tuple[int, str, str]]:
    """Line, place and English reason of everything that is wrong; there must be something, in both languages."""
    with pytest.raises(ContractInvalid) as refused:
        parse_contract(text)
    problems = refused.value.problems
    assert all(problem.reason_zh and problem.reason_zh != problem.reason_en for problem in problems)
    return [(problem.line, problem.place, problem.reason_en) for problem in problems]
