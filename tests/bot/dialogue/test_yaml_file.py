import pytest

from bot.dialogue.errors import ProjectError
from bot.dialogue.yaml_file import Block, parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"),
        ("0o10", 8),
        ("010", 10),
        ("1e3", 1000.0),
        ("-1.5", -1.5),
        ("~", None),
        ("'3.1'", "3.1"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert parse_yaml(f"a: {text}") == {"a": value}


def test_everything_knows_its_line() -> None:
    block = parse_yaml("a: 1\nb:\n- x\n- y: 2\n")
    assert block.lines == {"a": 1, "b": 2}
    assert block["b"].lines == [3, 4]
    assert isinstance(block["b"][1], Block)
    assert block["b"][1].line == 4


def test_merge_keys_may_be_overridden() -> None:
    assert parse_yaml("base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  x: 3\n")["mine"] == {"x": 3, "y": 2}


def test_variables_are_filled_only_where_asked_for() -> None:
    assert parse_yaml("url: http://${HOST}/${NO}", environment={"HOST": "h"}) == {"url": "http://h/${NO}"}
    assert parse_yaml("url: ${HOST}") == {"url": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", r"f:2: is not valid YAML"),
        ("a: 1\na: 2\n", r"f:2: has the key 'a' twice \(first in line 1\)"),
        ("- a\n", r"f:1: must hold a mapping .* not a list"),
        ("? [a]\n: 1\n", r"f:1: uses a list as a key"),
        ("a:\n\t- b\n", r"f:2: .*indent with spaces, not with tabs"),
        ("a: 1\n---\na: 2\n", r"f:2: .*keep one document in a file"),
        ("a: b\x00", r"f: is not valid YAML: .*control characters are not allowed; remove it\.$"),
        ("a: &a [*a]\n", r"f:1: holds an alias of a value inside that value"),
        ("a: *b\n", r"f:1: is not valid YAML: found undefined alias"),
        ("a: !include b.yml\n", r"f:1: has the tag '!include', which means nothing here"),
        ("a: !!python/object:os.system x\n", r"f:1: has the tag '.*os.system'"),
        ("a: !!int abc\n", r"f:1: has 'abc', which is no int"),
        (f"a: {'9' * 5000}\n", r"f:1: has '9{40}', which is no int"),
        ("a: {<<: 3}\n", r"f:1: is not valid YAML: expected a mapping"),
    ],
)
def test_broken_files_are_refused_with_their_line(text: str, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        parse_yaml(text, "f")


def test_other_encodings_are_refused(tmp_path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_bytes("a: 你好".encode("gbk"))
    with pytest.raises(ProjectError, match="is not UTF-8"):
        read_yaml(path)


def test_aliases_of_aliases_do_not_eat_the_memory() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    with pytest.raises(ProjectError, match="use fewer aliases"):
        parse_yaml(text, "f")


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(ProjectError, match="f:1: is nested deeper than 100 levels"):
        parse_yaml("a: " + "[" * 100_000 + "]" * 100_000, "f")
