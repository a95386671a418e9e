"""One file for each kind of thing that customers mention; each has `extract(text, …) -> list[Entity]`.

`text` is always the matching form of `nlu.entities.matching_form`: normalised, simplified, lower case.
"""
