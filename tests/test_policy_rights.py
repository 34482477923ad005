"""What a policy may not take from people without a legal basis: times set by law, notices, hearings, appeals, equality."""

import numpy as np
import pytest
from logs import build

import procmine
from procmine.simulate.plan import plan
from procmine.simulate.policies.rights import right_of
from procmine.simulate.policy import Policy

TAGS = {"Answer period ended": "law", "Decision": "our policy"}
LIMITS = ({"name": "Decision in time", "start": "Answer period ended", "stop": "Decision", "within": 30.0},)


def day(number):
    return str(np.datetime64("2024-01-01") + np.timedelta64(int(number), "D"))


@pytest.fixture(scope="module")
def model():
    """Request -> Notice served -> Answer period ended (14 days or more) -> Hearing in 2 of 3 -> Decision -> Closed."""
    rows, more = [], {"sex": {}, "geburtsjahr": {}, "kind": {}, "col": {}}
    for k in range(90):
        name, at = f"{k:03}", 3 * k
        gaps = [("Request", 0), ("Notice served", 2), ("Answer period ended", 14 + k % 5)]
        gaps += [("Hearing", 9)] if k % 3 else []
        for step, gap in (*gaps, ("Decision", 5 + k % 4), ("Closed", 1)):
            at += gap
            rows.append((name, step, day(at)))
        more["sex"][name], more["kind"][name] = "mf"[k % 2], "ab"[k % 2]
        more["geburtsjahr"][name], more["col"][name] = str(1950 + k % 3), ("male", "female")[k % 2]
    log = build(rows, cutoff=day(400), ends=["Closed"], attributes=more, tags=TAGS, limits=LIMITS)
    return procmine.fit(log)


TAKEN = [
    (lambda p: p.set_delay("Answer period ended", days=7), "set by law"),
    (lambda p: p.cap_delay("Answer period ended", days=3), "set by law"),
    (lambda p: p.scale_delay("Answer period ended", by=0.9), "set by law"),
    (lambda p: p.escalate("Answer period ended", after=2, days=3), "set by law"),
    (lambda p: p.skip("Answer period ended", chance=0.1), "set by law"),
    (lambda p: p.side_by_side("Notice served", "Answer period ended"), "set by law|a notice"),
    (lambda p: p.set_delay(("Request", "Decision"), days=10), "set by law"),
    (lambda p: p.skip("Notice served"), "a notice"),
    (lambda p: p.skip("Hearing", chance=0.01), "a hearing"),
    (lambda p: p.side_by_side("Hearing", "Decision"), "a hearing"),
    (lambda p: p.reorder("Decision", before="Hearing"), "a hearing"),
    (lambda p: p.reroute(after="Answer period ended", to="Decision", chance=0.9), "a hearing"),
    (lambda p: p.reroute(after="Answer period ended", to="Hearing", chance=0.1), "a hearing"),
    (lambda p: p.close_after(days=30), "a notice|a hearing"),
    (lambda p: p.set_delay("Decision", days=31), "Decision in time"),
    (lambda p: p.where(sex="f").skip("Closed"), "'sex', which tells of people what law protects"),
    (lambda p: p.where(geburtsjahr="1950").cap_delay("Decision", days=2), "'geburtsjahr'.*birth"),
    (lambda p: p.where(col="male").cap_delay("Decision", days=2), "'col'.*sex"),
    (lambda p: p.priority("Decision", first={"sex": "m"}), "'sex'"),
]


@pytest.mark.parametrize(("make", "said"), TAKEN)
def test_it_is_refused_unless_the_law_is_named_and_then_printed(model, make, said):
    with pytest.raises(ValueError, match=f"(?s)({said}).*legal_basis"):
        plan(model, make(Policy("x")))
    with pytest.raises(ValueError, match="legal_basis"):  # whatever it is put together with
        plan(model, make(Policy("x")) + Policy("y").cap_delay("Request", days=1))
    stated = plan(model, make(Policy("x")).allowed_by(legal_basis="Act <12>, section 3"))
    lines = [one.say() for one in stated.said if "Act <12>, section 3" in one.say()]
    assert lines and all(world.said == stated.said for _, world in stated.plans)


def test_a_basis_of_one_policy_is_none_of_another(model):
    lawful = Policy("a").skip("Hearing").allowed_by(legal_basis="Act 12")
    with pytest.raises(ValueError, match=r"'b'.*a notice"):
        plan(model, lawful + Policy("b").skip("Notice served"))


@pytest.mark.parametrize(
    "make",
    [
        lambda p: p.set_delay("Answer period ended", days=30),
        lambda p: p.scale_delay("Answer period ended", by=1.2),
        lambda p: p.cap_delay("Answer period ended", days=60),
        lambda p: p.set_delay("Hearing", days=1),  # sooner, and it is still held
        lambda p: p.reroute(after="Answer period ended", to="Hearing", chance=0.9),
        lambda p: p.set_delay("Decision", days=29),
        lambda p: p.skip("Closed"),
        lambda p: p.where(kind="a").skip("Closed"),
        lambda p: p.insert("Second notice", after="Request", days=1),
        lambda p: p.set_delay(("Request", "Notice served"), days=1),
    ],
)
def test_what_takes_no_right_is_allowed(model, make):
    assert plan(model, make(Policy("x"))).plans


def test_why_no_right_is_lost_can_be_said_and_is_printed(model):
    kept = Policy("x").skip("Hearing").keeps_right("Hearing", because="it is the hearing of <b>witnesses</b> only")
    lines = [one.say() for one in plan(model, kept).said]
    assert any("Hearing reads as" in line and "witnesses" in line for line in lines)
    for other in (
        kept.skip("Notice served"),
        Policy("x").keeps_right("Answer period ended", because="x").skip("Answer period ended"),
    ):
        with pytest.raises(ValueError, match="legal_basis"):  # of that step only, and of no time set by law
            plan(model, other)


@pytest.mark.parametrize(
    ("step", "right"),
    [
        *(
            ("Notice served", "notice"),
            ("Notification sent", "notice"),
            ("Summons", "notice"),
            ("Zustellung", "notice"),
        ),
        *(
            ("Bescheid zugestellt", "notice"),
            ("Vorladung", "notice"),
            ("Notificación", "notice"),
            ("Avviso inviato", "notice"),
        ),
        *(("Kennisgeving", "notice"), ("Convocation", "notice"), ("Hearing held", "hearing"), ("Anhörung", "hearing")),
        *(("Anhoerungstermin", "hearing"), ("Mündliche Verhandlung", "hearing"), ("Audience", "hearing")),
        *(
            ("Udienza", "hearing"),
            ("Audiencia previa", "hearing"),
            ("Hoorzitting", "hearing"),
            ("Appeal lodged", "appeal"),
        ),
        *(("Widerspruchsbescheid", "appeal"), ("Einspruch", "appeal"), ("Recours gracieux", "appeal")),
        *(("Recurso de alzada", "appeal"), ("Ricorso", "appeal"), ("Bezwaar", "appeal"), ("APPEL", "appeal")),
        *(("Second review", None), ("Application received", None), ("Decision", None), ("Payment", None)),
        *(("Service fee paid", None), ("Einladung", None), ("Akte angelegt", None), ("Trial", "hearing")),
        *(("Two notices", "notice"), ("Order issued", None), ("Documents received", None)),
    ],
)
def test_rights_are_known_by_their_names(model, step, right):
    log = build([("1", step, "2024-01-01")], cutoff="2024-02-01", ends=[])
    assert right_of(log, step) == right
    tagged = build([("1", step, "2024-01-01")], cutoff="2024-02-01", ends=[], tags={step: "appeal"})
    assert right_of(tagged, step) == "appeal"
