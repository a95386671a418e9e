from pathlib import Path

import pytest

from bot.dialogue.domain import DEFAULT_ACTIONS, Form
from bot.dialogue.domain_file import read_domain
from bot.dialogue.errors import ProjectError, ProjectWarning
from bot.dialogue.yaml_file import parse_yaml


def read(text: str, *more: str):
    sources = [(Path(f"domain{n}.yml"), parse_yaml(part, f"domain{n}.yml")) for n, part in enumerate((text, *more))]
    return read_domain(sources)


def test_actions_come_in_the_order_that_decides_between_equals() -> None:
    domain = read(
        "actions: [b, a]\nresponses: {utter_z: [{text: z}], utter_a: [{text: a}]}\nforms: {f: {required_slots: []}}"
    )
    assert domain.action_names == (*DEFAULT_ACTIONS, "b", "a", "utter_a", "utter_z", "f")


def test_entities_of_an_intent() -> None:
    domain = read(
        "entities: [a, {city: {roles: [from, to]}}, {quiet: {influence_conversation: false}}]\n"
        "intents: [all, {none: {use_entities: []}}, {some: {use_entities: [city]}}, {but: {ignore_entities: [a]}}]\n"
    )
    assert domain.intents["all"] == {"a", "city", "city#from", "city#to"}
    assert domain.intents["none"] == frozenset()
    assert domain.intents["some"] == {"city", "city#from", "city#to"}
    # What is said to be ignored replaces the entities that are ignored by default.
    assert domain.intents["but"] == {"city", "city#from", "city#to"}
    assert set(domain.intents) >= {"restart", "back", "out_of_scope", "session_start", "nlu_fallback"}


def test_slots_that_every_project_has() -> None:
    assert list(read("intents: [a]").slots) == ["session_started_metadata"]
    assert list(read("forms: {f: {required_slots: []}}").slots) == ["requested_slot", "session_started_metadata"]


def test_forms() -> None:
    domain = read("forms: {f: {required_slots: [x], ignored_intents: chat}, g: }")
    assert domain.forms == {"f": Form(("x",), ("chat",)), "g": Form()}


def test_files_are_merged_and_the_first_wins() -> None:
    with pytest.warns(UserWarning, match="intents has 'a' already"):
        domain = read("intents: [a]\nsession_config: {session_expiration_time: 5}", "intents: [a, b]\nactions: [act]")
    assert {"a", "b"} <= set(domain.intents)
    assert (domain.session_minutes, domain.custom_actions) == (5, ("act",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("intents: [a, a]", r"domain0.yml:1: intents has 'a' twice"),
        ("intents: [a: ]", r"ends with ':'"),
        ("intents: {a: b}", r"intents is .*; it must be a list"),
        ("slots:\n  s: {type: text}", r"domain0.yml:2: slot 's' has no mappings"),
        ("slots:\n  s: {type: color, mappings: []}", r"unknown type 'color'"),
        ("slots:\n  s: {mappings: []}", r"has no type"),
        ("slots:\n  s: {type: any, influence_conversation: true, mappings: []}", r"type any cannot influence"),
        ("slots:\n  s: {type: float, min_value: 2, mappings: []}", r"min_value 2 not below max_value 1.0"),
        ("slots:\n  s: {type: text, mappings: [{type: from_entity}]}", r"from_entity mapping without 'entity'"),
        ("slots:\n  s: {type: text, mappings: [{type: magic}]}", r"mapping of type 'magic'"),
        ("forms: {f: {ignored_intents: [a]}}", r"has ignored_intents but no required_slots"),
        ("responses: {utter_a: hello}", r"response 'utter_a' is 'hello'; it must be a list"),
        ("responses: {utter_a: [{text: x, condition: [{name: s}]}]}", r"needs type, name and value"),
    ],
)
def test_what_rasa_could_not_run_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        read(text)


def test_what_has_no_effect_is_told() -> None:
    with pytest.warns(ProjectWarning) as told:
        read(
            "entities: [{a: {role: [x]}}]\nintents:\n- {all: {use_entities: [b]}}\n- {both: {use_entities: [a], ignore_entities: [a]}}\n"
            "slots:\n  c: {type: categorical, mappings: []}\n  own: {type: my.Slot, mappings: []}\n"
            "session_config: {session_expiration: 5}"
        )
    assert sorted(str(one.message) for one in told) == [
        "domain0.yml:1: entity 'a' has the unknown key 'role', which has no effect; write 'roles'.",
        "domain0.yml:3: intent 'all' names in use_entities no entity of the domain: b.",
        "domain0.yml:4: intent 'both' both uses and ignores a; ignoring wins, keep one.",
        "domain0.yml:6: slot 'c' is categorical but lists no values; add `values:`.",
        "domain0.yml:7: slot 'own' of type 'my.Slot' is kept without influence ('any').",
        "domain0.yml:8: session_config has the unknown key 'session_expiration', which has no effect; "
        "write 'session_expiration_time'.",
    ]


def test_actions_that_want_the_domain() -> None:
    domain = read("actions: [plain, {asking: {send_domain: true}}, {quiet: {send_domain: false}}, validate_f]")
    assert domain.actions_needing_domain == {"asking", "validate_f"}
    assert domain.custom_actions == ("plain", "asking", "quiet", "validate_f")


def test_slots_of_knowledge_bases_come_with_their_action() -> None:
    assert set(read("actions: [action_query_knowledge_base]").slots) == {
        "knowledge_base_last_object",
        "knowledge_base_last_object_type",
        "knowledge_base_listed_objects",
        "session_started_metadata",
    }


def test_where_things_are_written() -> None:
    domain = read("intents:\n- a\nslots:\n  s: {type: any, mappings: []}\n", "intents:\n- b\n")
    assert domain.places == {
        ("intents", "a"): (Path("domain0.yml"), 2),
        ("intents", "b"): (Path("domain1.yml"), 2),
        ("slots", "s"): (Path("domain0.yml"), 4),
    }


def test_sessions() -> None:
    assert (read("intents: [a]").session_minutes, read("intents: [a]").carry_over_slots) == (60, True)
    config = read("session_config: {session_expiration_time: 0, carry_over_slots_to_new_session: false}")
    assert (config.session_minutes, config.carry_over_slots) == (0, False)
