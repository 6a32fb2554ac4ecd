"""One typed JSON shape for each answer, for every door: values of the capabilities in, plain JSON values out.

A module a subject; each shape is a TypedDict named `…Document`, made by a function of the same name in snake case.
`docs/interface.md` shows their JSON Schema.
"""
