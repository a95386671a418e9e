"""What is said, and what is meant by it: `NYC` is `New York City`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nlu.extractors.entity import Entity

PROCESSOR = "EntitySynonymMapper"


@dataclass(frozen=True)
class SynonymMapper:
    """`meant` maps lower-cased values to the value meant; a value meant stands for its other spellings, too."""

    meant: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, synonyms: Mapping[str, str]) -> SynonymMapper:
        """Of what is said and what it means. Spellings of a value meant are only believed where nothing says otherwise."""
        said = {key.lower(): value for key, value in synonyms.items() if key != value}
        return cls({**{value.lower(): value for value in synonyms.values()}, **said})

    def apply(self, entities: Sequence[Entity]) -> list[Entity]:
        """The entities with the values that are meant."""
        return [
            replace(entity, value=self.meant[key], processors=(PROCESSOR,))
            if (key := str(entity.value).lower()) in self.meant
            else entity
            for entity in entities
        ]
