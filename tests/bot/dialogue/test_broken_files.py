"""Broken files of every kind: each is refused in one sentence with its place, none ends in a traceback."""

from pathlib import Path

import pytest

from bot.dialogue.domain_file import read_domain
from bot.dialogue.errors import ProjectError
from bot.dialogue.nlu_data import NluData
from bot.dialogue.stories import read_stories
from bot.dialogue.yaml_file import parse_yaml

F = Path("F")

DOMAINS = [
    ("slots: {a: {type: float, min_value: !!float zz, mappings: []}}\n", "F:1: has 'zz', which is no float; quote it."),
    ("intents: [123]\n", "F:1: intents has 123; names are text (quote it)."),
    ("intents: [true]\n", "F:1: intents has True; names are text (quote it)."),
    ("intents: [~]\n", "F:1: intents has empty; names are text (quote it)."),
    ("intents: ['']\n", "F:1: intents has ''; names are text (quote it)."),
    ("intents: {a: {}}\n", "F:1: intents is {'a': {}}; it must be a list."),
    ("intents: greet\n", "F:1: intents is 'greet'; it must be a list."),
    ("intents: [[a]]\n", "F:1: intents has ['a']; names are text (quote it)."),
    ("intents: [a: hello]\n", "F:1: intent 'a' is 'hello'; drop the ':' or give it use_entities."),
    ("intents:\n- a:\n", "F:2: an intent ends with ':' but has no settings; drop the ':'."),
    (
        "intents: [a: {use_entities: 3}]\n",
        "F:1: intent 'a' has use_entities 3; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "entities: [x]\nintents: [a: {use_entities: x}]\n",
        "F:2: intent 'a' has use_entities 'x'; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "intents: [a: {use_entities: [[1]]}]\n",
        "F:1: intent 'a' has use_entities [[1]]; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "intents: [a: {ignore_entities: {a: 1}}]\n",
        "F:1: intent 'a' has ignore_entities {'a': 1}; it must be a list of names (quote numbers and true or false).",
    ),
    ("intents: [a, a]\n", "F:1: intents has 'a' twice (first in line 1); keep one."),
    ("entities:\n- a:\n", "F:2: entity 'a' ends with ':' but has no roles, groups or settings; drop the ':'."),
    ("entities: [3]\n", "F:1: entities has 3; names are text (quote it)."),
    (
        "entities: [a: {roles: from}]\n",
        "F:1: entity 'a' has roles 'from'; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "entities: [a: {roles: [1]}]\n",
        "F:1: entity 'a' has roles [1]; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "entities: [a: {roles: {x: 1}}]\n",
        "F:1: entity 'a' has roles {'x': 1}; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "entities: [a: {roles: [[x]]}]\n",
        "F:1: entity 'a' has roles [['x']]; it must be a list of names (quote numbers and true or false).",
    ),
    ("entities: [a: b]\n", "F:1: entity 'a' is 'b'; give it roles or groups, or drop the ':'."),
    ("slots: [a]\n", "F:1: slots is ['a']; it must be a mapping of names."),
    ("slots: {a: }\n", "F:1: slot 'a' is empty; give it a type and mappings."),
    (
        "slots: {a: {type: 3, mappings: []}}\n",
        "F:1: slot 'a' has the unknown type 3; use one of any, bool, categorical, float, list, text.",
    ),
    (
        "slots: {a: {type: [text], mappings: []}}\n",
        "F:1: slot 'a' has the unknown type ['text']; use one of any, bool, categorical, float, list, text.",
    ),
    (
        "slots: {a: {type: txt, mappings: []}}\n",
        "F:1: slot 'a' has the unknown type 'txt'; use one of any, bool, categorical, float, list, text.",
    ),
    (
        "slots: {a: {type: unfeaturized, mappings: []}}\n",
        "F:1: slot 'a' has the unknown type 'unfeaturized'; write `type: any`.",
    ),
    (
        "slots: {a: {type: text, auto_fill: true, mappings: []}}\n",
        "F:1: slot 'a' has the unknown key 'auto_fill'; use only type, initial_value, influence_conversation, mappings, min_value, max_value, values.",
    ),
    (
        "slots: {a: {type: text}}\n",
        "F:1: slot 'a' has no mappings; add `mappings:` with e.g. `- type: from_entity`, or `mappings: []`.",
    ),
    ("slots: {a: {type: text, mappings: from_text}}\n", "F:1: slot 'a' has mappings 'from_text'; it must be a list."),
    (
        "slots: {a: {type: text, mappings: {type: from_text}}}\n",
        "F:1: slot 'a' has mappings {'type': 'from_text'}; it must be a list.",
    ),
    (
        "slots: {a: {type: text, mappings: [from_text]}}\n",
        "F:1: slot 'a' has the mapping 'from_text'; use a type of from_entity, from_intent, from_trigger_intent, from_text, custom.",
    ),
    (
        "slots: {a: {type: text, mappings: [{entity: x}]}}\n",
        "F:1: slot 'a' has a mapping of type None; use a type of from_entity, from_intent, from_trigger_intent, from_text, custom.",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: [x]}]}}\n",
        "F:1: slot 'a' has a mapping of type ['x']; use a type of from_entity, from_intent, from_trigger_intent, from_text, custom.",
    ),
    (
        "entities: [x]\nslots: {a: {type: text, mappings: [{type: from_entity, entitiy: x}]}}\n",
        "F:2: slot 'a' has a from_entity mapping without 'entity'; add it.",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_entities, entity: x}]}}\n",
        "F:1: slot 'a' has a mapping of type 'from_entities'; use a type of from_entity, from_intent, from_trigger_intent, from_text, custom.",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_entity, entity: 3}]}}\n",
        "F:1: slot 'a': its from_entity mapping has entity 3; it must be text (quote it).",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_entity, entity: [x]}]}}\n",
        "F:1: slot 'a': its from_entity mapping has entity ['x']; it must be text (quote it).",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_text, intent: {a: 1}}]}}\n",
        "F:1: slot 'a': its from_text mapping has intent {'a': 1}; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_text, intent: [1]}]}}\n",
        "F:1: slot 'a': its from_text mapping has intent [1]; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "entities: [x]\nslots: {a: {type: text, mappings: [{type: from_entity, entity: x, role: [a]}]}}\n",
        "F:2: slot 'a': its from_entity mapping has role ['a']; it must be text (quote it).",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_text, conditions: x}]}}\n",
        "F:1: slot 'a': its from_text mapping has conditions 'x'; it must be a list.",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_text, conditions: {active_loop: f}}]}}\n",
        "F:1: slot 'a': its from_text mapping has conditions {'active_loop': 'f'}; it must be a list.",
    ),
    (
        "forms: {f: {required_slots: [a]}}\nslots: {a: {type: text, mappings: [{type: from_text, conditions: [{active_lop: f}]}]}}\n",
        "F:2: slot 'a': its from_text mapping: a condition has the unknown key 'active_lop'; write 'active_loop'.",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: from_text, conditions: [{active_loop: [f]}]}]}}\n",
        "F:1: slot 'a': its from_text mapping: a condition has active_loop ['f']; it must be text (quote it).",
    ),
    (
        "slots: {a: {type: text, mappings: [{type: custom, action: 3}]}}\n",
        "F:1: slot 'a': its custom mapping has action 3; it must be text (quote it).",
    ),
    (
        "slots: {a: {type: text, influence_conversation: nope, mappings: []}}\n",
        "F:1: slot 'a' has influence_conversation 'nope'; it must be true or false, without quotes.",
    ),
    (
        "slots: {a: {type: text, influence_conversation: yes, mappings: []}}\n",
        "F:1: slot 'a' has influence_conversation 'yes'; it must be true or false, without quotes.",
    ),
    (
        'slots: {a: {type: text, influence_conversation: "false", mappings: []}}\n',
        "F:1: slot 'a' has influence_conversation 'false'; it must be true or false, without quotes.",
    ),
    (
        "slots: {a: {type: float, min_value: low, mappings: []}}\n",
        "F:1: slot 'a' has min_value 'low'; it must be a number.",
    ),
    (
        "slots: {a: {type: float, min_value: [1], mappings: []}}\n",
        "F:1: slot 'a' has min_value [1]; it must be a number.",
    ),
    (
        "slots: {a: {type: float, min_value: 3, max_value: 2, mappings: []}}\n",
        "F:1: slot 'a' has min_value 3 not below max_value 2.",
    ),
    (
        "slots: {a: {type: float, min_value: .nan, mappings: []}}\n",
        "F:1: slot 'a' has min_value nan; it must be a number.",
    ),
    (
        "slots: {a: {type: categorical, values: abc, mappings: []}}\n",
        "F:1: slot 'a' has values 'abc'; it must be a list.",
    ),
    ("slots: {a: {type: categorical, values: 3, mappings: []}}\n", "F:1: slot 'a' has values 3; it must be a list."),
    (
        "slots: {a: {type: categorical, values: {a: 1}, mappings: []}}\n",
        "F:1: slot 'a' has values {'a': 1}; it must be a list.",
    ),
    (
        "slots: {a: {type: categorical, values: [[a]], mappings: []}}\n",
        "F:1: slot 'a' has values [['a']]; each must be a text, a number, true or false.",
    ),
    ("forms: [f]\n", "F:1: forms is ['f']; it must be a mapping of names."),
    ("forms: {f: x}\n", "F:1: form 'f' is 'x'; give it `required_slots:`."),
    ("forms: {f: [x]}\n", "F:1: form 'f' is ['x']; give it `required_slots:`."),
    (
        "forms: {f: {required_slots: a}}\n",
        "F:1: form 'f' has required_slots 'a'; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "forms: {f: {required_slots: [1]}}\n",
        "F:1: form 'f' has required_slots [1]; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "forms: {f: {require_slots: [a]}}\n",
        "F:1: form 'f' has the unknown key 'require_slots'; write 'required_slots'.",
    ),
    (
        "forms: {f: {required_slots: [], ignored_intents: 3}}\n",
        "F:1: form 'f' has ignored_intents 3; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "forms: {f: {required_slots: [], ignored_intents: {a: b}}}\n",
        "F:1: form 'f' has ignored_intents {'a': 'b'}; it must be a list of names (quote numbers and true or false).",
    ),
    (
        "forms: {f: {required_slots: [], ignored_intents: [[a]]}}\n",
        "F:1: form 'f' has ignored_intents [['a']]; it must be a list of names (quote numbers and true or false).",
    ),
    ("responses: [utter_a]\n", "F:1: responses is ['utter_a']; it must be a mapping of names."),
    ("responses: {utter_a: hello}\n", "F:1: response 'utter_a' is 'hello'; it must be a list of variations."),
    ("responses: {utter_a: }\n", "F:1: response 'utter_a' is empty; it must be a list of variations."),
    ("responses: {utter_a: []}\n", "F:1: response 'utter_a' is []; it must be a list of variations."),
    ("responses: {utter_a: [hello]}\n", "F:1: response 'utter_a': a variation is 'hello'; write `- text: …`."),
    ("responses: {utter_a: [{}]}\n", "F:1: response 'utter_a': a variation says nothing; give it a text."),
    (
        "responses: {utter_a: [{txt: hello}]}\n",
        "F:1: response 'utter_a': a variation has the unknown key 'txt'; write 'text'.",
    ),
    (
        "responses: {utter_a: [{text: 3}]}\n",
        "F:1: response 'utter_a': a variation has text 3; it must be text (quote it).",
    ),
    ("responses: {utter_a: [{text: }]}\n", "F:1: response 'utter_a': a variation says nothing; give it a text."),
    (
        "responses: {utter_a: [{text: [a]}]}\n",
        "F:1: response 'utter_a': a variation has text ['a']; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{text: {name}}]}\n",
        "F:1: response 'utter_a': a variation has text {'name': None}; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{text: a, buttons: {title: x}}]}\n",
        "F:1: response 'utter_a': a variation has buttons {'title': 'x'}; it must be a list.",
    ),
    (
        "responses: {utter_a: [{text: a, buttons: [x]}]}\n",
        "F:1: response 'utter_a': a variation: one of its buttons is 'x'; it must be a mapping.",
    ),
    (
        "responses: {utter_a: [{text: a, buttons: [{title: 1, payload: x}]}]}\n",
        "F:1: response 'utter_a': a variation: one of its buttons has title 1; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{text: a, buttons: [{title: a, payload: {a: b}}]}]}\n",
        "F:1: response 'utter_a': a variation: one of its buttons has payload {'a': 'b'}; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{text: a, condition: {type: slot, name: a, value: b}}]}\n",
        "F:1: response 'utter_a': a variation has condition {'type': 'slot', 'name': 'a', 'value': 'b'}; it must be a list.",
    ),
    (
        "responses: {utter_a: [{text: a, condition: x}]}\n",
        "F:1: response 'utter_a': a variation has condition 'x'; it must be a list.",
    ),
    (
        "responses: {utter_a: [{text: a, condition: 3}]}\n",
        "F:1: response 'utter_a': a variation has condition 3; it must be a list.",
    ),
    (
        "responses: {utter_a: [{text: a, condition: [{type: intent, name: a, value: b}]}]}\n",
        "F:1: response 'utter_a': a variation: a condition has type 'intent'; only slots can be compared (`type: slot`).",
    ),
    (
        "responses: {utter_a: [{text: a, condition: [{type: slot, name: [a], value: b}]}]}\n",
        "F:1: response 'utter_a': a variation: a condition has name ['a']; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{text: a, channel: 3}]}\n",
        "F:1: response 'utter_a': a variation has channel 3; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{image: [a]}]}\n",
        "F:1: response 'utter_a': a variation has image ['a']; it must be text (quote it).",
    ),
    (
        "responses: {utter_a: [{custom: a}]}\n",
        "F:1: response 'utter_a': a variation has custom 'a'; it must be a mapping.",
    ),
    (
        "responses: {utter_a: [{text: a, elements: a}]}\n",
        "F:1: response 'utter_a': a variation has elements 'a'; it must be a list.",
    ),
    (
        "responses: {utter_a: [{text: a, attachment: a}]}\n",
        "F:1: response 'utter_a': a variation has attachment 'a'; it must be a mapping.",
    ),
    ("actions: {a: b}\n", "F:1: actions is {'a': 'b'}; it must be a list."),
    ("actions: [3]\n", "F:1: actions has 3; names are text (quote it)."),
    ("actions: [~]\n", "F:1: actions has empty; names are text (quote it)."),
    (
        "actions: [action_a: {send_domain: 3}]\n",
        "F:1: action 'action_a' has send_domain 3; it must be true or false, without quotes.",
    ),
    ("actions: [action_a: x]\n", "F:1: action 'action_a' is 'x'; drop the ':' or give it `send_domain: true`."),
    ("session_config: [1]\n", "F:1: session_config is [1]; it must be a mapping of names."),
    (
        "session_config: {session_expiration_time: soon}\n",
        "F:1: session_config has session_expiration_time 'soon'; it must be a number.",
    ),
    (
        "session_config: {session_expiration_time: -1}\n",
        "F:1: session_config has session_expiration_time -1; it must be 0 or more.",
    ),
    (
        "session_config: {session_expiration_time: .inf}\n",
        "F:1: session_config has session_expiration_time inf; it must be a number.",
    ),
    (
        "session_config: {session_expiration_time: true}\n",
        "F:1: session_config has session_expiration_time True; it must be a number.",
    ),
    (
        'session_config: {carry_over_slots_to_new_session: "false"}\n',
        "F:1: session_config has carry_over_slots_to_new_session 'false'; it must be true or false, without quotes.",
    ),
    ("e2e_actions: [3]\n", "F:1: e2e_actions has 3; names are text (quote it)."),
    ("e2e_actions: {a: b}\n", "F:1: e2e_actions is {'a': 'b'}; it must be a list."),
]

NLU = [
    ("nlu: {intent: a}\n", "F:1: nlu is {'intent': 'a'}; it must be a list of blocks."),
    ("nlu: hello\n", "F:1: nlu is 'hello'; it must be a list of blocks."),
    ("nlu: [a]\n", "F:1: an nlu block is 'a'; write `- intent: name`."),
    ('nlu: [{intents: a, examples: "- x"}]\n', "F:1: an nlu block has the unknown key 'intents'; write 'intent'."),
    ('nlu: [{intent: greet, example: "- x"}]\n', "F:1: an nlu block has the unknown key 'example'; write 'examples'."),
    ('nlu: [{intent: 3, examples: "- x"}]\n', "F:1: an nlu block has intent 3; it must be text (quote it)."),
    (
        "nlu:\n- intent: greet\n  examples:\n  - hi\n  - hey\n",
        "F:4: intent 'greet': an example is 'hi'; write `examples: |` and a line `- …` each.",
    ),
    (
        "nlu:\n- intent: greet\n  examples:\n  - text: hi\n  - text: 3\n",
        "F:5: intent 'greet': an example has text 3; it must be text (quote it).",
    ),
    (
        "nlu:\n- intent: greet\n  examples: [1]\n",
        "F:3: intent 'greet': an example is 1; write `examples: |` and a line `- …` each.",
    ),
    (
        "nlu:\n- intent: greet\n  examples: 3\n",
        "F:3: intent 'greet' has examples 3; write `examples: |` and a line `- …` each.",
    ),
    (
        "nlu:\n- intent: greet\n  examples: {text: a}\n",
        "F:3: intent 'greet' has examples {'text': 'a'}; write `examples: |` and a line `- …` each.",
    ),
    (
        "nlu:\n- intent: greet\n  examples: |\n    - [hi]{entity: x}\n",
        "F:4: intent 'greet', example '[hi]{entity: x}': {entity: x} is not valid JSON; write [text]{\"entity\": \"name\"}.",
    ),
    (
        'nlu:\n- intent: greet\n  examples: |\n    - [hi]{"entity": ["x"]}\n',
        'F:4: intent \'greet\', example \'[hi]{"entity": ["x"]}\': {"entity": ["x"]} has the entity [\'x\']; it must be text (quote it).',
    ),
    (
        'nlu:\n- intent: greet\n  examples: |\n    - [hi]{"role": "x"}\n',
        'F:4: intent \'greet\', example \'[hi]{"role": "x"}\': {"role": "x"} names no entity; write [text]{"entity": "name"}.',
    ),
    (
        'nlu:\n- intent: greet\n  examples: |\n    - [hi]{"entity": "x", "value": ["a"]}\n',
        'F:4: intent \'greet\', example \'[hi]{"entity": "x", "value": ["a"]}\': {"entity": "x", "value": ["a"]} has the value [\'a\']; it must be text or a number.',
    ),
    (
        'nlu:\n- intent: greet\n  examples: |\n    - [hi][{"entity": "x"}, {"entity"}]\n',
        'F:4: intent \'greet\', example \'[hi][{"entity": "x"}, {"entity"}]\': {"entity"} is not valid JSON; write [text]{"entity": "name"}.',
    ),
    (
        "nlu:\n- regex: zip\n  examples: |\n    - [0-9\n",
        "F:4: regex 'zip': '[0-9' is no valid pattern: unterminated character set at position 0.",
    ),
    (
        "nlu:\n- synonym: zip\n  examples: [a]\n",
        "F:3: synonym 'zip' has examples ['a']; write `examples: |` and a line `- …` each.",
    ),
]

STORIES = [
    ("stories: {story: a}\n", "F:1: stories is {'story': 'a'}; it must be a list."),
    ("stories: [a]\n", "F:1: an item of stories is 'a'; write `- story: name` and `steps:`."),
    (
        "stories: [{story: 3, steps: [{intent: greet}]}]\n",
        "F:1: an item of stories has story 3; it must be text (quote it).",
    ),
    (
        "stories: [{story: [a], steps: [{intent: greet}]}]\n",
        "F:1: an item of stories has story ['a']; it must be text (quote it).",
    ),
    (
        "stories: [{story: a, steps: {intent: greet}}]\n",
        "F:1: story 'a' has steps {'intent': 'greet'}; it must be a list.",
    ),
    ("stories: [{story: a, steps: greet}]\n", "F:1: story 'a' has steps 'greet'; it must be a list."),
    ("stories: [{story: a, steps: [greet]}]\n", "F:1: story 'a': a step is 'greet'; write e.g. `- intent: greet`."),
    ("stories: [{story: a, steps: [~]}]\n", "F:1: story 'a': a step is empty; write e.g. `- intent: greet`."),
    (
        "stories: [{story: a, steps: [{intnt: greet}]}]\n",
        "F:1: story 'a': a step has the unknown key 'intnt'; write 'intent'.",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, action: utter_a}]}]\n",
        "F:1: story 'a': a step has the unknown key 'action'; use only intent, user, entities, metadata.",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, entitys: [a]}]}]\n",
        "F:1: story 'a': a step has the unknown key 'entitys'; write 'entities'.",
    ),
    (
        "stories: [{story: a, steps: [{intent: 3}]}]\n",
        "F:1: story 'a': a step has intent 3; it must be text (quote it).",
    ),
    ("stories: [{story: a, steps: [{intent: }]}]\n", "F:1: story 'a': a step has intent empty; name it."),
    (
        "stories: [{story: a, steps: [{intent: [greet]}]}]\n",
        "F:1: story 'a': a step has intent ['greet']; it must be text (quote it).",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, entities: {a: b}}]}]\n",
        "F:1: story 'a': a step has entities {'a': 'b'}; it must be a list.",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, entities: ab}]}]\n",
        "F:1: story 'a': a step has entities 'ab'; it must be a list.",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, entities: 3}]}]\n",
        "F:1: story 'a': a step has entities 3; it must be a list.",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, entities: [3]}]}]\n",
        "F:1: story 'a': a step: an entity is 3; write `- name` or `- name: value`.",
    ),
    (
        "stories: [{story: a, steps: [{intent: greet, entities: [{a: b, role: [c]}]}]}]\n",
        "F:1: story 'a': a step: an entity has role ['c']; it must be text (quote it).",
    ),
    (
        "stories: [{story: a, steps: [{action: 3}]}]\n",
        "F:1: story 'a': a step has action 3; it must be text (quote it).",
    ),
    ("stories: [{story: a, steps: [{action: }]}]\n", "F:1: story 'a': a step has action empty; name it."),
    (
        "stories: [{story: a, steps: [{user: x}, {bot: 3}]}]\n",
        "F:1: story 'a': a step has bot 3; it must be text (quote it).",
    ),
    ("stories: [{story: a, steps: [{user: 3}]}]\n", "F:1: story 'a': a step has user 3; it must be text (quote it)."),
    ("stories: [{story: a, steps: [{user: }]}]\n", "F:1: story 'a': a step has user empty; write what the user says."),
    (
        'stories:\n- story: a\n  steps:\n  - user: "[hi]{entity: x}"\n',
        'F:4: story \'a\': a step: {entity: x} is not valid JSON; write [text]{"entity": "name"}.',
    ),
    (
        "stories: [{story: a, steps: [{or: {intent: a}}]}]\n",
        "F:1: story 'a': a step has or {'intent': 'a'}; it must be a list.",
    ),
    ("stories: [{story: a, steps: [{or: greet}]}]\n", "F:1: story 'a': a step has or 'greet'; it must be a list."),
    ("stories: [{story: a, steps: [{or: 3}]}]\n", "F:1: story 'a': a step has or 3; it must be a list."),
    ("stories: [{story: a, steps: [{or: }]}]\n", "F:1: or is empty; give it at least one intent or slot_was_set."),
    ("stories: [{story: a, steps: [{or: [{action: a}]}]}]\n", "F:1: or may hold only intents or slot_was_set."),
    (
        "stories: [{story: a, steps: [{slot_was_set: {a: b}}]}]\n",
        "F:1: story 'a': a step has slot_was_set {'a': 'b'}; it must be a list such as `- name: value`.",
    ),
    (
        "stories: [{story: a, steps: [{slot_was_set: }]}]\n",
        "F:1: story 'a': a step has slot_was_set empty; it must be a list such as `- name: value`.",
    ),
    (
        "stories: [{story: a, steps: [{slot_was_set: [3]}]}]\n",
        "F:1: story 'a': a step has slot_was_set [3]; it must be a list such as `- name: value`.",
    ),
    (
        "stories: [{story: a, steps: [{active_loop: [a]}]}]\n",
        "F:1: story 'a': a step has active_loop ['a']; it must be text (quote it).",
    ),
    (
        "stories: [{story: a, steps: [{active_loop: 3}]}]\n",
        "F:1: story 'a': a step has active_loop 3; it must be text (quote it).",
    ),
    (
        "stories: [{story: a, steps: [{checkpoint: [a]}, {intent: greet}]}]\n",
        "F:1: story 'a': a step has checkpoint ['a']; it must be text (quote it).",
    ),
    (
        "stories: [{story: a, steps: [{checkpoint: }, {intent: greet}]}]\n",
        "F:1: story 'a': a step has checkpoint empty; name it.",
    ),
    ("rules: {rule: a}\n", "F:1: rules is {'rule': 'a'}; it must be a list."),
    (
        "rules: [{rule: a, condition: {active_loop: f}, steps: [{intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' has condition {'active_loop': 'f'}; it must be a list.",
    ),
    (
        "rules: [{rule: a, condition: f, steps: [{intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' has condition 'f'; it must be a list.",
    ),
    (
        "rules: [{rule: a, condition: [{intent: greet}], steps: [{intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' has condition [{'intent': 'greet'}]; it may hold only active_loop and slot_was_set.",
    ),
    (
        "rules: [{rule: a, conditions: [{active_loop: f}], steps: [{intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' has the unknown key 'conditions'; write 'condition'.",
    ),
    (
        "rules: [{rule: a, wait_for_user_input: no, steps: [{intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' has wait_for_user_input 'no'; it must be true or false, without quotes.",
    ),
    (
        "rules: [{rule: a, conversation_start: no, steps: [{intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' has conversation_start 'no'; it must be true or false, without quotes.",
    ),
    (
        "rules: [{rule: a, steps: [{checkpoint: x}, {intent: greet}, {action: utter_a}]}]\n",
        "F:1: rule 'a' uses a checkpoint; only stories may.",
    ),
    (
        "stories: [{rule: a, steps: [{intent: greet}]}]\n",
        "F:1: an item of stories has no 'story'; a rule belongs under `rules:`.",
    ),
    ("- a\n", "F:1: must hold a mapping such as `nlu:` or `stories:` at its top, not a list."),
]


def refusal(read) -> str:
    with pytest.raises(ProjectError) as refused:
        read()
    return str(refused.value)


@pytest.mark.filterwarnings("ignore::bot.dialogue.errors.ProjectWarning")
@pytest.mark.parametrize(("text", "message"), DOMAINS)
def test_domains(text: str, message: str) -> None:
    assert refusal(lambda: read_domain([(F, parse_yaml(text, F))])) == message


@pytest.mark.parametrize(("text", "message"), NLU)
def test_examples(text: str, message: str) -> None:
    block = parse_yaml(text, F)
    assert refusal(lambda: NluData().read(F, block["nlu"], 1)) == message


@pytest.mark.parametrize(("text", "message"), STORIES)
def test_stories(text: str, message: str) -> None:
    assert refusal(lambda: read_stories(F, parse_yaml(text, F))) == message
