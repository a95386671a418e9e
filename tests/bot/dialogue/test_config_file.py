from pathlib import Path

import pytest

from bot.dialogue.config_file import refuse_config
from bot.dialogue.errors import ProjectError
from bot.dialogue.yaml_file import parse_yaml


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("policies: RulePolicy", "F:1: the file has policies 'RulePolicy'; it must be a list."),
        ("policies: [RulePolicy]", "F:1: an entry of policies is 'RulePolicy'; write `- name: …`."),
        ("policies:\n- nam: RulePolicy", "F:2: an entry of policies has no name; write `- name: …`."),
        ("policies: [{name: A, priority: high}]", "F:1: A has priority 'high'; it must be a number."),
        ("policies: [{name: A, priority: 1.5}]", "F:1: A has priority 1.5; it must be a whole number."),
        ("policies: [{name: A, max_history: -1}]", "F:1: A has max_history -1; it must be 0 or more."),
        (
            "policies: [{name: A, core_fallback_threshold: 2}]",
            "F:1: A has core_fallback_threshold 2; it must be from 0 to 1.",
        ),
        (
            "policies: [{name: A, restrict_rules: no}]",
            "F:1: A has restrict_rules 'no'; it must be true or false, without quotes.",
        ),
        (
            "pipeline: [{name: FallbackClassifier, threshold: low}]",
            "F:1: FallbackClassifier has threshold 'low'; it must be a number.",
        ),
        (
            "recipe: graph.v1",
            "F:1: the file has recipe 'graph.v1'; only default.v1 can be read; write out its pipeline and policies.",
        ),
        ("language: [en, zh]", "F:1: the file has language ['en', 'zh']; it must be text (quote it)."),
    ],
)
def test_values_that_cannot_be_used_are_refused(text: str, message: str) -> None:
    with pytest.raises(ProjectError) as refused:
        refuse_config(parse_yaml(text), Path("F"))
    assert str(refused.value) == message


def test_all_that_rasa_writes_is_read() -> None:
    text = "recipe: default.v1\nassistant_id: a\nlanguage: en\npipeline: null\npolicies:\n- name: TEDPolicy\n  max_history: 5\n"
    refuse_config(parse_yaml(text), Path("F"))
