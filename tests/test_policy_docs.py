"""Every example of docs/policies.md and every file of policies/ runs on the bundled sample, "
"and Python and YAML say the same."""

import re
from pathlib import Path

import pytest
import yaml

import procmine
from procmine.simulate.plan import plan
from procmine.simulate.policies.acts import ACTS, Mix
from procmine.simulate.policies.takes import Takes
from procmine.simulate.policy import Policy

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(
    r"```(python|yaml)\n(.*?)```", (ROOT / "docs" / "policies.md").read_text(encoding="utf-8"), re.DOTALL
)
EXAMPLES = [(one, other) for (_, one), (_, other) in zip(BLOCKS[::2], BLOCKS[1::2])]
FILES = sorted((ROOT / "policies").glob("*.yml"))


@pytest.fixture(scope="module")
def model():
    log = procmine.read(ROOT / "event_logs" / "child_support.csv")
    return procmine.fit(log, by=["case_type"])


def said_in_python(code):
    names = {"Policy": Policy, "Takes": Takes}
    lines = [line for line in code.strip().splitlines() if not line.startswith(("import ", "from ")) and line]
    return eval("\n".join(lines).removeprefix("policy = "), names)


def test_examples_come_in_pairs_and_show_every_verb():
    assert [kind for kind, _ in BLOCKS] == ["python", "yaml"] * len(EXAMPLES)
    shown = {act.verb for one, _ in EXAMPLES for part in said_in_python(one).each for act in part.acts}
    assert shown == {act.verb for act in ACTS}
    used = {act.verb for path in FILES for part in Policy.read(path).each for act in part.acts}
    assert len(FILES) >= 6 and {"set_delay", "skip", "session", "staff", "volume", "escalate"} <= used


@pytest.mark.parametrize(("python", "text"), EXAMPLES, ids=lambda one: one.splitlines()[-1][:40])
def test_an_example_says_the_same_twice_and_runs(model, tmp_path, python, text):
    policy = said_in_python(python)
    (tmp_path / "policy.yml").write_text(text, encoding="utf-8")
    assert Policy.read(tmp_path / "policy.yml") == policy
    planned = plan(model, policy)
    assert [name for name, _ in planned.plans] in (["point"], ["low", "high"], ["low"])
    for line in (*(one.assumes for one in planned.standing), *(one.reason for one in planned.standing), *planned.said):
        assert line.say()


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_a_bundled_policy_is_valid_against_the_sample(model, path):
    policy = Policy.read(path)
    planned = plan(model, policy)
    known = planned.point is not None
    assert known == ({act.tag for part in policy.each for act in part.acts} <= {"A", ""})
    # another reader of YAML has the same keys: none of them is taken for true or a date
    assert set(map(str, yaml.safe_load(path.read_text(encoding="utf-8")))) == set(yaml.safe_load(policy.to_yaml()))


def test_the_mix_of_the_example_comes_out(model):
    policy = next(one for one in (said_in_python(code) for code, _ in EXAMPLES) if one.of(Mix))
    weight = plan(model, policy).point.weight
    text = model.log.attributes["case_type"]
    shares = [weight[text.among([value])].sum() / weight.sum() for value in text.levels.to_pylist()]
    before = [text.among([value]).mean() for value in text.levels.to_pylist()]
    place = text.levels.to_pylist().index("interstate")
    assert shares[place] == pytest.approx(0.4) and weight.mean() == pytest.approx(1)
    rest = [one / other for k, (one, other) in enumerate(zip(shares, before)) if k != place]
    assert rest[0] == pytest.approx(rest[1])
