"""Unusual profiles.yml files, as people write them, for properties that must hold for every file."""

from __future__ import annotations

from hypothesis import strategies as st

OTHERS = [
    "other:\n  target: a\n  outputs:\n    a:\n      type: postgres   # not ours\n      pass: 'it''s'\n",
    "# a comment that belongs below\nflowing: {target: x, outputs: {x: {type: redshift, host: h, port: 5439}}}\n",
    '"quoted name":\n    target:   wide\n    outputs:\n        wide: {type: snowflake}\n    # search_path: later\n',
    "literal:\n  note: |\n    quay:\n      target: not a profile\n\n    # nor a comment\n  target: t\n",
    "folded: >-\n  one\n  two\n",
    "kept:\n  note: |+\n    trailing lines matter\n\n\n",
    "config:\n    send_anonymous_usage_stats: False\n",
    "anchors:\n  base: &base {type: redshift, host: h}\n  outputs:\n    one:\n      <<: *base\n      user: u\n"
    "    two: *base\n",
    "1: {target: number}\nyes: {target: truth}\n",
    "nothing:\n",
    'ümlaut-✓:\n  target: "caf\\u00e9"\n  outputs: {}\n',
    "explicit:\n  ? target\n  : dev\n  outputs:\n    - not\n    - a mapping\n",
    "trailing:   \n  target: dev   \n\n  # tail\n  outputs:   \n    dev:\n      type: redshift   \n",
]
"""Profiles other than the one that is written, as separate texts."""

FILLERS = ["", "\n", "# ---- section ----\n", "   \n", "\n\n# quay:\n#   target: dev\n\n"]

OURS = [
    # Without the target
    "quay:\n  target: prod\n  outputs:\n    prod:\n      type: redshift # keep\n      host: p\n{tail}",
    "quay:\n  # first of all\n  outputs:\n     prod: {{type: redshift}}\n  target: prod # second\n{tail}",
    "quay: {{target: prod, outputs: {{prod: {{type: redshift, threads: 2}}}}}} # all in one\n{tail}",
    "quay:\n  target: prod\n{tail}",
    "quay:\n{tail}",
    "quay:\n  outputs:\n  target: prod\n{tail}",
    # With it
    "quay:\n  target: dev\n  outputs:\n    dev:\n      type: redshift\n      host: old # was here\n      port: '5439'\n"
    "      # a comment inside\n      pass: hunter2\n      threads: 8\n      search_path: a,b\n"
    "      keepalives_idle: 0\n{tail}    prod:\n      type: redshift\n      host: p\n",
    "quay:\n    outputs:\n        dev:   # mine\n            dbname:   dev\n            ra3_node: true\n"
    "            db_groups:\n            - a\n            - b\n            user:\n{tail}",
    "quay:\n  target: dev\n  outputs: {{dev: {{type: redshift, host: x,  threads: 9, pass: y}},"
    " prod: {{type: redshift}}}}\n{tail}",
    "quay:\n  target: dev\n  outputs:\n    dev:\n    prod: {{type: redshift}}\n{tail}",
    "\"quay\":\n  'outputs':\n    'dev': &mine\n      type: redshift\n"
    '      "host": |\n        folded\n      password: a\n      pass: b\n{tail}',
]
"""The profile that is written, with and without the target `dev`."""

TAILS = ["", "\n", "  # last words\n", "\n  # after a gap\n\n"]


@st.composite
def files(draw: st.DrawFn) -> str:
    """A whole file: other profiles, perhaps ours among them, with comments, blanks, and any kind of line end."""
    pieces = [
        draw(st.sampled_from(FILLERS)) + other
        for other in draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=4))
    ]
    if draw(st.booleans()):
        ours = draw(st.sampled_from(OURS)).format(tail=draw(st.sampled_from(TAILS)))
        pieces.insert(draw(st.integers(0, len(pieces))), ours)
    text = draw(st.sampled_from(["", "---\n", "# head\n\n", "\ufeff"])) + "".join(pieces)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text
