"""The JSON Schema of what a response to a survey holds: for each question its codes, and why one may be missing.

It describes `answers` in the bodies of envelopes (docs/reference/formats.md), joined over all pages. The invariant:
whatever `to_plain` writes of an answer that a person can give is valid by it, and nothing else is.
"""

from __future__ import annotations

from typing import Any, assert_never

from offramp.survey import Kind, Missing, Question, Survey

_FROM_A_PERSON = (Missing.SKIPPED, Missing.REFUSED, Missing.INVALID)


def answer_schema(survey: Survey) -> dict[str, Any]:
    """Return the schema (draft 2020-12) of the answers to the newest version of a survey."""
    asked = [question for question in survey.questions if question.kind is not Kind.STATEMENT]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{survey.slug}, version {survey.version}",
        "description": f"Answers to the structure {survey.structure}.",
        "type": "object",
        "properties": {question.id: {"anyOf": [*_given(question), _missing(question)]} for question in asked},
        "additionalProperties": False,
    }


def _given(question: Question) -> list[dict[str, Any]]:
    codes = [option.id for option in question.options]
    match question.kind:
        case Kind.SINGLE:
            return [{"enum": codes}]
        case Kind.MULTIPLE:
            alone = [option.id for option in question.options if option.exclusive]
            together = [code for code in codes if code not in alone]
            several = {"type": "array", "items": {"enum": together}, "minItems": 1, "uniqueItems": True}
            one = {"type": "array", "items": {"enum": alone}, "minItems": 1, "maxItems": 1}
            return [several, one] if alone else [several]
        case Kind.SCALE | Kind.NUMBER:
            return [{"type": "integer", "minimum": question.low, "maximum": question.high}]
        case Kind.TEXT:
            return [{"type": "object", "properties": {"written": {"const": True}}, "required": ["written"],
                     "additionalProperties": False}]  # fmt: skip
        case Kind.STATEMENT:
            return []
        case other:
            assert_never(other)


def _missing(question: Question) -> dict[str, Any]:
    codes = [code.value for code in _FROM_A_PERSON] + [Missing.DONT_KNOW.value] * question.dont_know
    return {"type": "object", "properties": {"missing": {"enum": codes}}, "required": ["missing"],
            "additionalProperties": False}  # fmt: skip
