"""Gives Schemathesis archives to publish: real ones, spoilt ones, and bytes that are none."""

from pathlib import Path

import schemathesis
from hypothesis import strategies as st

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "archives"

real = st.sampled_from([path.read_bytes() for path in sorted(FIXTURES.glob("*.tar.gz"))])
cut = st.builds(lambda archive, kept: archive[:kept], real, st.integers(1, 4000))
flipped = st.builds(
    lambda archive, at: archive[: at % len(archive)] + b"\xff" + archive[at % len(archive) + 1 :],
    real,
    st.integers(0, 50_000),
)
archives = st.one_of(real, real, cut, flipped, st.binary(max_size=200))

schemathesis.openapi.format("binary", archives)
schemathesis.openapi.media_type("application/gzip", archives)
