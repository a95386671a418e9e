"""A project with nothing wrong, and one change at a time: exactly the findings of that change must come."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue.checks import check_folder

DOMAIN = """version: "3.1"
session_config: {session_expiration_time: 60}
intents:
- greet
- book
- inform
entities:
- city
- size: {roles: [from, to]}
slots:
  city: {type: text, mappings: [{type: from_entity, entity: city}]}
  vip: {type: bool, mappings: [{type: from_intent, intent: greet, value: true}]}
  kind: {type: categorical, values: [a, b], mappings: [{type: from_intent, intent: inform, value: a}]}
  secret: {type: any, mappings: [{type: from_intent, intent: inform, value: a}]}
  language: {type: text, influence_conversation: false, mappings: [{type: from_intent, intent: greet, value: en}]}
forms:
  book_form:
    required_slots: [city]
responses:
  utter_greet:
  - condition: [{type: slot, name: language, value: zh}]
    text: 你好
  - text: Hello
  utter_booked:
  - condition: [{type: slot, name: language, value: zh}]
    text: 已预订{city}
  - text: Booked for {city}
    buttons: [{title: Again, payload: '/book{"city": "here"}'}]
  utter_ask_city:
  - condition: [{type: slot, name: language, value: zh}]
    text: 哪个城市
  - text: Which city?
"""
RULES = """rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
- rule: book
  steps:
  - intent: book
  - action: book_form
  - active_loop: book_form
- rule: booked
  condition:
  - active_loop: book_form
  steps:
  - action: book_form
  - active_loop: null
  - action: utter_booked
"""
STORIES = """stories:
- story: told
  steps:
  - intent: inform
    entities: [city]
  - action: utter_booked
"""
NLU = """nlu:
- intent: greet
  examples: |
    - hi
    - hello
- intent: book
  examples: |
    - book it
    - book me in
- intent: inform
  examples: |
    - to [Rome](city)
    - from [Oslo](city)
    - between [3]{"entity": "size", "role": "from"} and [4]{"entity": "size", "role": "to"}
"""
CONFIG = """assistant_id: test
language: en
pipeline:
- name: WhitespaceTokenizer
- name: DIETClassifier
policies:
- name: MemoizationPolicy
- name: RulePolicy
"""
CLEAN = {
    "domain.yml": DOMAIN,
    "data/rules.yml": RULES,
    "data/stories.yml": STORIES,
    "data/nlu.yml": NLU,
    "config.yml": CONFIG,
}


def findings(root: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    _, found = check_folder(root)
    return [f"{one.file}:{one.line or ''}: {one.severity} {one.code}: {one.message}" for one in found]


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert findings(tmp_path, CLEAN) == []


# What is added to a file (or a file of its own), and all that is then found.
# What is added to a file (or a file of its own), and all that is then found.
ADDED = [
    (
        "data/rules.yml",
        "- rule: new\n  steps:\n  - intent: gret\n  - action: utter_greet\n",
        [
            "data/rules.yml:20: error unknown-intent: rule 'new': 'gret' is no intent of the domain; did you mean 'greet'?",
        ],
    ),
    (
        "data/rules.yml",
        "- rule: new\n  steps:\n  - intent: out_of_scope\n  - action: utter_gone\n",
        [
            "data/rules.yml:21: error no-response: rule 'new': there is no response 'utter_gone'; did you mean 'utter_greet'?",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - intent: out_of_scope\n    entities: [town]\n  - action: action_x\n",
        [
            "data/stories.yml:9: error unknown-entity: story 'new': 'town' is no entity of the domain; add it there, or correct the name.",
            "data/stories.yml:11: error unknown-action: story 'new': 'action_x' is no action of the domain; add it there, or correct the name.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - intent: out_of_scope\n  - slot_was_set:\n    - cty: x\n    - vip\n    - kind: c\n    - vip: 7m\n  - action: utter_greet\n",
        [
            "data/stories.yml:10: warning slot-without-value: story 'new': slot 'vip' of type bool is named without a value and counts as unset; write `- vip: value`.",
            "data/stories.yml:11: error unknown-slot: story 'new': 'cty' is no slot of the domain; did you mean 'city'?",
            "data/stories.yml:13: warning unlisted-value: story 'new': 'c' is no value of slot 'kind'; use one of a, b, or list it.",
            "data/stories.yml:14: warning unlisted-value: story 'new': '7m' is no bool, so slot 'vip' counts as unset; correct the value.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - intent: out_of_scope\n  - action: utter_greet\n  - active_loop: bok_form\n",
        [
            "data/stories.yml:11: error unknown-loop: story 'new': 'bok_form' is no form of the domain; did you mean 'book_form'?",
        ],
    ),
    (
        "data/rules.yml",
        "- rule: new\n  condition:\n  - slot_was_set:\n    - secret: x\n    - city: Rome\n  steps:\n  - intent: out_of_scope\n  - action: utter_greet\n",
        [
            "data/rules.yml:21: warning condition-without-effect: rule 'new': slot 'secret' does not influence the conversation, so this condition always holds; give it a type other than any and let it influence, or drop the condition.",
            "data/rules.yml:22: warning text-value: rule 'new': a text slot is compared only for being set, so any value of 'city' does; make it categorical to compare 'Rome'.",
        ],
    ),
    (
        "data/rules.yml",
        "- rule: new\n  steps:\n  - intent: greet\n  - action: utter_booked\n- rule: other\n  steps:\n  - intent: book\n  - action: utter_booked\n- rule: long\n  steps:\n  - intent: inform\n  - action: utter_booked\n  - intent: out_of_scope\n  - action: utter_greet\n",
        [
            "data/rules.yml:2: error contradiction: rule 'greet' has the action 'utter_greet' where it contradicts new; make them agree or tell them apart by a condition.",
            "data/rules.yml:6: error contradiction: rule 'book' has the action 'book_form' where it contradicts other; make them agree or tell them apart by a condition.",
            "data/rules.yml:18: error contradiction: rule 'new' has the action 'utter_booked' where it contradicts greet; make them agree or tell them apart by a condition.",
            "data/rules.yml:22: error contradiction: rule 'other' has the action 'utter_booked' where it contradicts book; make them agree or tell them apart by a condition.",
            "data/rules.yml:26: error contradiction: rule 'long' has more than one user message; make it a story, or split it.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - intent: inform\n    entities: [city]\n  - action: utter_greet\n",
        [
            "data/stories.yml:7: warning conflicting-stories: story 'new' has 'utter_greet' where story 'told' (stories.yml:2) has 'utter_booked'; neither is remembered; make them agree, or tell them apart by what comes before.",
        ],
    ),
    (
        "data/rules.yml",
        "- rule: new\n  steps:\n  - intent: restart\n  - action: utter_greet\n",
        [
            "data/rules.yml:18: error contradiction: rule 'new' has the action 'utter_greet' where it contradicts the built-in answer to intent 'restart', which predict 'action_restart'; make them agree or tell them apart by a condition.",
        ],
    ),
    (
        "data/rules.yml",
        "- rule: new\n  steps:\n  - intent: nlu_fallback\n  - action: utter_greet\n",
        [
            "data/rules.yml:18: warning unreachable-rule: rule 'new' is never followed: no component of the pipeline gives the intent 'nlu_fallback'; add `- name: FallbackClassifier`.",
        ],
    ),
    (
        "data/rules.yml",
        "- rule: new\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
        [
            "data/rules.yml:18: warning duplicate: rule 'new' has the same steps as 'greet' in rules.yml:2; remove one.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: told\n  steps:\n  - intent: out_of_scope\n  - action: utter_greet\n",
        [
            "data/stories.yml:7: warning duplicate-name: story 'told' has the name of another in stories.yml:2; rename one.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - active_loop: book_form\n  - intent: out_of_scope\n  - action: utter_greet\n  - action: book_form\n",
        [
            "data/stories.yml:9: warning starts-in-loop: story 'new' starts in the loop 'book_form', which remembered stories never do; write it as a rule with `condition: [active_loop: …]`, or start it where the form starts.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - checkpoint: a\n  - intent: greet\n  - action: utter_greet\n  - checkpoint: b\n",
        [
            "data/stories.yml:7: warning checkpoint-not-taken-up: no story begins with the checkpoint 'b' at the end of story 'new'; correct its name, or drop it.",
            "data/stories.yml:7: warning no-effect: story 'new' begins with the checkpoint 'a', with which no story ends, so it is left out; correct its name.",
        ],
    ),
    (
        "data/stories.yml",
        "- story: new\n  steps:\n  - intent: greet\n  - action: utter_greet\n  - checkpoint: a\n- story: round\n  steps:\n  - checkpoint: a\n  - intent: out_of_scope\n  - action: utter_greet\n  - checkpoint: a\n",
        [
            "data/stories.yml:12: warning checkpoint-cycle: the checkpoint 'a' leads back to itself (story 'round'); a cycle is learned only twice round; break it, or write rules.",
        ],
    ),
    (
        "data/nlu.yml",
        "- intent: other\n  examples: |\n    - once\n",
        [
            "data/nlu.yml:17: warning unknown-intent: intent 'other' has examples but is not in the domain; add it there, or correct the name.",
        ],
    ),
    (
        "data/nlu.yml",
        '- intent: greet\n  examples: |\n    - book it\n    - hi\n    - hey [Rome](twn)\n- intent: inform\n  examples: |\n    - to [Rome]{"entity": "city", "role": "to"}\n',
        [
            "data/nlu.yml:17: warning example-of-two-intents: 'book it' is an example of 'greet' here and of 'book' in nlu.yml:8; keep one.",
            "data/nlu.yml:18: warning duplicate-example: intent 'greet' repeats 'hi' of nlu.yml:4; remove what is written twice.",
            "data/nlu.yml:19: warning unknown-entity: entity 'twn' is annotated but not in the domain; add it there, or correct the name.",
            "data/nlu.yml:22: warning annotated-differently: 'to Rome' is annotated differently here and in nlu.yml:12; keep one.",
            "data/nlu.yml:22: warning unknown-role: entity 'city' has no role 'to' in the domain; add it to its roles there.",
        ],
    ),
    (
        "data/nlu.yml",
        "- intent: faq/hours\n  examples: |\n    - when\n    - how late\n- intent: faq\n  examples: |\n    - why\n",
        [
            "data/nlu.yml:17: error no-response: intent faq/hours has no response 'utter_faq/hours'; add it.",
            "data/nlu.yml:21: error mixed-retrieval: intent 'faq' has examples with and without a response key; write `intent: faq/…` for all.",
        ],
    ),
    (
        "data/more.yml",
        "intents: [idle]\nentities: [mood]\nactions: [utter_silent]\nforms: {idle_form: {required_slots: [size, language], ignored_intents: [chat]}}\n",
        [
            "data/more.yml:1: warning no-examples: intent 'idle' has no examples, so no sentence is understood as it; add some to the nlu data.",
            "data/more.yml:1: warning unused-intent: intent 'idle' is used in no rule, story or slot mapping; add a rule for it, or remove it.",
            "data/more.yml:2: warning entity-never-found: entity 'mood' is in no example, regex, lookup or button, so it is never found; annotate it.",
            "data/more.yml:3: warning no-response: action 'utter_silent' has no response, so it says nothing; add it under `responses:`.",
            "data/more.yml:4: error unknown-slot: form 'idle_form' requires 'size', no slot of the domain; add it there, or correct the name.",
            "data/more.yml:4: warning never-asked: form 'idle_form' has nothing to say when it asks for slot 'language'; add the response 'utter_ask_idle_form_language'.",
            "data/more.yml:4: warning unknown-intent: form 'idle_form' ignores 'chat', no intent of the domain; add it there, or correct the name.",
            "data/more.yml:4: warning unused-form: form 'idle_form' is started by no rule or story; add one, or remove it.",
        ],
    ),
    (
        "data/more.yml",
        "slots:\n  a: {type: text, mappings: [{type: from_entity, entity: cty}]}\n  b: {type: text, mappings: [{type: from_entity, entity: size, role: by}]}\n  c: {type: text, mappings: [{type: from_text}]}\n  d: {type: text, mappings: [{type: from_text, not_intent: gret, conditions: [{active_loop: bok_form}]}]}\n  e: {type: text, mappings: [{type: from_text, conditions: [{active_loop: book_form, requested_slot: c}]}]}\n  f: {type: text, mappings: []}\n  g: {type: text, mappings: [{type: custom, action: action_gone}]}\n  h: {type: text, mappings: [{type: from_intent, intent: gone, value: x}]}\n  i: {type: text, mappings: [{type: from_text, conditions: [{active_loop: book_form}]}]}\n",
        [
            "data/more.yml:2: error unknown-entity: slot 'a' is filled from 'cty', no entity of the domain; did you mean 'city'?",
            "data/more.yml:2: warning never-filled: nothing fills slot 'a'; give it a mapping that works, or remove it.",
            "data/more.yml:3: warning unknown-role: slot 'b' is filled from the role 'by', which entity 'size' does not have; add it to its roles.",
            "data/more.yml:4: warning swallows-everything: slot 'c' is filled from_text without conditions, so every message of the user overwrites it; add `conditions: [{active_loop: …}]`.",
            "data/more.yml:5: error unknown-loop: slot 'd' has a condition on 'bok_form', no form of the domain; did you mean 'book_form'?",
            "data/more.yml:5: warning never-filled: nothing fills slot 'd'; give it a mapping that works, or remove it.",
            "data/more.yml:5: warning unknown-intent: slot 'd' excludes 'gret', no intent of the domain; did you mean 'greet'?",
            "data/more.yml:6: warning never-requested: slot 'e' waits for form 'book_form' to ask for 'c', which it never does; add it to its required_slots, or correct the condition.",
            "data/more.yml:7: warning never-filled: nothing fills slot 'f'; give it a mapping that works, or remove it.",
            "data/more.yml:8: error unknown-action: slot 'g' is filled by 'action_gone', no action of the domain; add it there.",
            "data/more.yml:8: warning never-filled: nothing fills slot 'g'; give it a mapping that works, or remove it.",
            "data/more.yml:9: error unknown-intent: slot 'h' waits for 'gone', no intent of the domain; add it there, or correct the name.",
            "data/more.yml:9: warning never-filled: nothing fills slot 'h'; give it a mapping that works, or remove it.",
            "data/more.yml:10: warning not-required: slot 'i' is filled in form 'book_form' but is none of its required_slots; add it there, or drop the condition.",
        ],
    ),
    (
        "data/more.yml",
        "responses:\n  utter_unused:\n  - text: '{cty} and {{x}}'\n    condition: [{type: slot, name: language, value: zh}]\n    buttons:\n    - {title: A, payload: /gone}\n    - {title: B, payload: '/book{\"town\": \"x\"}'}\n    - {title: C, payload: '/book{town}'}\n    - {title: D, payload: '/book{{\"city\": \"{city}\"}}'}\n  utter_english:\n  - text: Only English\n  utter_link:\n  - text: 'https://example.com/{city}'\n",
        [
            "data/more.yml:2: warning unused-response: response 'utter_unused' is said by no rule, story, form or action; use it, or remove it.",
            "data/more.yml:3: warning no-default: response 'utter_unused' has a condition on every variation, so it says nothing where none holds; add a variation without one.",
            "data/more.yml:3: warning unknown-variable: response 'utter_unused' has {cty}, which is no slot, so it is said as it stands; did you mean 'city'?",
            "data/more.yml:6: warning unknown-intent: response 'utter_unused': the payload '/gone' names 'gone', no intent of the domain; add it there, or correct the name.",
            "data/more.yml:7: warning unknown-entity: response 'utter_unused': the payload '/book{\"town\": \"x\"}' names 'town', no entity of the domain, so its value is dropped; add it there, or correct the name.",
            "data/more.yml:8: warning broken-payload: response 'utter_unused': the payload '/book{town}' does not end in JSON; write /book{\"entity\": \"value\"}.",
            "data/more.yml:10: warning unused-response: response 'utter_english' is said by no rule, story, form or action; use it, or remove it.",
            "data/more.yml:11: warning missing-translation: response 'utter_english' has no variation for language = zh, which 4 others have; add it.",
            "data/more.yml:12: warning unused-response: response 'utter_link' is said by no rule, story, form or action; use it, or remove it.",
        ],
    ),
    (
        "data/more.yml",
        "actions: [action_a, validate_gone_form]\n",
        [
            "data/more.yml:1: warning unknown-loop: action 'validate_gone_form' validates 'gone_form', no form of the domain; add it there, or correct the name.",
            "endpoints.yml:: warning no-action-server: has no action_endpoint, but the domain has custom actions ('action_a'); name their server's url.",
        ],
    ),
    (
        "endpoints.yml",
        "action_endpoint: {url: here}\ntracker_store: {type: mongod}\nlock_store: {type: redis}\nevent_broker: {type: kafka}\nmodels: {url: http://x}\nnlgs: {url: http://x}\n",
        [
            "endpoints.yml:1: error broken-endpoint: action_endpoint.url is 'here'; it must begin with http:// or https://.",
            "endpoints.yml:2: error not-served: tracker_store of type 'mongod' is not served here; use in_memory or sql.",
            "endpoints.yml:4: warning not-served: event_broker of type 'kafka' is not served here; use file or sql.",
            "endpoints.yml:5: warning not-served: models has no effect: models are trained and kept here; `daogou train` takes the place of a model server.",
            "endpoints.yml:6: warning unknown-key: the key 'nlgs' has no effect; write 'nlg'.",
        ],
    ),
    (
        "credentials.yml",
        "rest:\nslack: {token: x}\ntelegramm: {access_token: x}\n",
        [
            "credentials.yml:2: warning no-channel: the channel 'slack' is not connected; there are rest, telegram and the chat widget.",
            "credentials.yml:3: warning no-channel: the channel 'telegramm' is not connected; did you mean 'telegram'?",
        ],
    ),
    (
        "data/old.yml",
        'version: "2.0"\nstory: []\n',
        [
            "data/old.yml:1: warning no-effect: format 2.0 is older than 3.1 and is read as 3.1; write 3.1.",
            "data/old.yml:2: warning no-effect: the file has the unknown key 'story', which has no effect; write 'stories'.",
        ],
    ),
]

# What is put in the place of what, and all that is then found.
CHANGED = [
    (
        "domain.yml",
        "session_config: {session_expiration_time: 60}\n",
        "",
        [
            "domain.yml:: warning no-session-config: there is no session_config: a session ends after 60 minutes and hands its slots on; write what you want.",
        ],
    ),
    (
        "config.yml",
        "assistant_id: test\nlanguage: en\n",
        "assistant_id: placeholder_default\n",
        [
            "config.yml:: warning no-language: language is missing; write e.g. `language: en`.",
            "config.yml:1: warning no-assistant-id: assistant_id is still 'placeholder_default'; write a name of its own.",
        ],
    ),
    (
        "config.yml",
        "- name: DIETClassifier\n",
        "- name: DIETClassifier\n- name: my.Sentiment\n",
        [
            "config.yml:6: warning unmapped-component: my.Sentiment has no counterpart here: it is not Rasa's own, so what it does is left out.",
        ],
    ),
    (
        "config.yml",
        "- name: RulePolicy\n",
        "- name: RulePolicy\n  core_fallback_treshold: 0.4\n- name: MemoizationPolicy\n- name: UnexpecTEDIntentPolicy\n",
        [
            "config.yml:9: warning unknown-parameter: RulePolicy has no parameter 'core_fallback_treshold'; write 'core_fallback_threshold'.",
            "config.yml:10: warning duplicate-policy: MemoizationPolicy is listed twice; keep one.",
            "config.yml:11: warning policy-not-run: UnexpecTEDIntentPolicy is not run: unlikely intents are answered as any other. It can be removed.",
        ],
    ),
    (
        "config.yml",
        "pipeline:\n",
        "pipelines:\n",
        [
            "config.yml:3: warning unknown-key: the key 'pipelines' has no effect; write 'pipeline'.",
        ],
    ),
    (
        "config.yml",
        "- name: RulePolicy\n",
        "",
        [
            "config.yml:: error policies: has rules or forms but no RulePolicy; add `- name: RulePolicy` to policies.",
        ],
    ),
    (
        "config.yml",
        "- name: RulePolicy\n",
        "- name: RulePolicy\n  core_fallback_action_name: action_gone\n",
        [
            "config.yml:: error policies: core_fallback_action_name is 'action_gone', no action of the domain; add it there.",
        ],
    ),
    (
        "domain.yml",
        "  utter_ask_city:\n",
        "  utter_ask_town:\n",
        [
            "domain.yml:17: warning never-asked: form 'book_form' has nothing to say when it asks for slot 'city'; add the response 'utter_ask_book_form_city'.",
        ],
    ),
    (
        "domain.yml",
        "  - text: Hello\n",
        "",
        [
            "domain.yml:21: warning no-default: response 'utter_greet' has a condition on every variation, so it says nothing where none holds; add a variation without one.",
        ],
    ),
    (
        "domain.yml",
        "  book_form:\n    required_slots: [city]",
        "  book_form:\n    required: [city]",
        [
            "domain.yml:18: error unreadable: form 'book_form' has the unknown key 'required'; write 'required_slots'.",
        ],
    ),
]


@pytest.mark.parametrize(("file", "more", "expected"), ADDED)
def test_added(tmp_path: Path, file: str, more: str, expected: list[str]) -> None:
    assert findings(tmp_path, {**CLEAN, file: CLEAN.get(file, "") + more}) == expected


@pytest.mark.parametrize(("file", "old", "new", "expected"), CHANGED)
def test_changed(tmp_path: Path, file: str, old: str, new: str, expected: list[str]) -> None:
    assert findings(tmp_path, {**CLEAN, file: CLEAN[file].replace(old, new)}) == expected
