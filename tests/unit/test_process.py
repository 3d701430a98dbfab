"""The business process: what is shipped, what a business may change, what is refused."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm_tui.errors import Refused
from crm_tui.process import limits_of, load_default, usable_settings, with_settings, working_of
from crm_tui.process_terms import SHIPPED_LABELS, SHIPPED_TEMPLATES, Term
from crm_tui.rules.cadence import Limits
from crm_tui.rules.calendar import WEEKDAYS

DEFAULT = load_default()


def changed(settings):
    return with_settings(DEFAULT, settings)


def refusal(settings):
    with pytest.raises(Refused) as refused:
        changed(settings)
    return refused.value


def terms_in(process):
    lists = (process.statuses, process.lifecycle, process.closing_reasons, process.readiness, process.desks, process.sources)
    stages = [stage for pipeline in process.pipelines for stage in pipeline.stages]
    return [*(term for terms in lists for term in terms), *process.pipelines, *stages]


class TestShipped:
    def test_the_numbers_are_those_of_the_rules(self):
        assert limits_of(DEFAULT) == Limits()
        assert set(DEFAULT.limits.model_dump()) == {field.name for field in fields(Limits)}
        assert asdict(Limits()) == {
            "fresh_minutes": 10,
            "late_hours": 15,
            "breached_days": 1,
            "follow_up_days": 2,
            "touch_days": 3,
            "max_attempts": 6,
            "reactivation_days": 90,
            "inactive_days": 180,
            "short_conversation_seconds": 120,
            "quote_days": 14,
            "reminder_minutes": 15,
        }

    def test_working_time(self):
        working = working_of(DEFAULT)
        assert {WEEKDAYS[day] for day in working.days} == {"sunday", "monday", "tuesday", "wednesday", "thursday"}
        assert (working.start, working.end, working.holidays, working.countries) == (time(8), time(18), frozenset(), ("IL",))
        assert DEFAULT.zone is ZoneInfo("Asia/Jerusalem")

    def test_the_words_of_the_vocabulary(self):
        assert [status.key for status in DEFAULT.statuses] == [status.role for status in DEFAULT.statuses]
        assert len(DEFAULT.statuses) == 7
        assert [desk.key for desk in DEFAULT.desks if desk.closes] == ["partner", "supplier", "not_a_lead"]
        assert [(stage.key, stage.role, stage.probability, stage.rotting_days) for stage in DEFAULT.default_pipeline.stages] == [
            ("phone", "open", 20, 3),
            ("meeting", "open", 40, 7),
            ("quote", "open", 60, 7),
            ("closing", "open", 80, 5),
            ("won", "won", 100, None),
            ("lost", "lost", 0, None),
        ]

    @pytest.mark.parametrize("typed", ["closed", "not interested"])
    def test_closed_is_found_by_either_word(self, typed):
        assert typed in DEFAULT.status("closed").label.lower()

    def test_every_label_is_marked_for_translation(self):
        assert {term.label for term in terms_in(DEFAULT)} == set(SHIPPED_LABELS)

    def test_a_label_of_two_languages(self, monkeypatch):
        term = Term(key="docs", label={"he": "ממתין", "en": "Waiting"})
        monkeypatch.setattr("crm_tui.process_terms.language", lambda: "he")
        assert term.text == "ממתין"
        monkeypatch.setattr("crm_tui.process_terms.language", lambda: "en")
        assert term.text == "Waiting"
        assert Term(key="docs", label={"he": "ממתין"}).text == "ממתין"

    def test_every_template_is_marked_for_translation(self):
        assert {template.label for template in DEFAULT.templates} == set(SHIPPED_TEMPLATES)

    def test_a_label_is_shown_in_the_language_in_use(self, monkeypatch):
        monkeypatch.setattr("crm_tui.process_terms._", {"Won": "נסגר בהצלחה"}.get)
        assert Term(key="won", label="Won").text == "נסגר בהצלחה"


class TestLookups:
    def test_by_key(self):
        assert DEFAULT.status("no_answer").label == "No answer"
        assert DEFAULT.desk("nurture").closes is False
        assert DEFAULT.stage("sales", "quote").probability == 60
        assert DEFAULT.first_open_stage("sales").key == "phone"

    @pytest.mark.parametrize(
        ("look", "field", "meant"),
        [
            (lambda: DEFAULT.status("no_anser"), "status", "no_answer"),
            (lambda: DEFAULT.desk("nurtur"), "desk", "nurture"),
            (lambda: DEFAULT.stage("sales", "qoute"), "stage", "quote"),
            (lambda: DEFAULT.stage("sale", "quote"), "pipeline", "sales"),
            (lambda: DEFAULT.first_open_stage("sale"), "pipeline", "sales"),
        ],
    )
    def test_a_wrong_key_is_refused_with_what_was_meant(self, look, field, meant):
        with pytest.raises(Refused, match=f"did you mean {meant}") as refused:
            look()
        assert refused.value.field == field

    def test_rates(self):
        assert DEFAULT.rate("ILS") == 1
        assert DEFAULT.rate("USD") == Decimal("3.6")
        with pytest.raises(Refused, match="CHF"):
            DEFAULT.rate("CHF")


class TestSettings:
    def test_nothing_set_is_nothing_changed(self):
        assert changed({}) == DEFAULT

    def test_values_by_dotted_key(self):
        process = changed(
            {
                "limits.max_attempts": 4,
                "rates.USD": "3.55",
                "rates.CHF": 4.1,
                "working.holidays": ["2026-12-06", "2026-09-21", "2026-12-06"],
                "working.start": "09:30",
                "statuses.closed.label": "לא מעוניין",
                "pipelines.sales.stages.phone.rotting_days": 2,
            }
        )
        assert limits_of(process) == Limits(max_attempts=4)
        assert (process.rate("USD"), process.rate("CHF"), process.rate("EUR")) == (Decimal("3.55"), Decimal("4.1"), 4)
        assert process.working.holidays == (date(2026, 9, 21), date(2026, 12, 6))
        assert working_of(process).start == time(9, 30)
        assert process.status("closed").text == "לא מעוניין"
        assert process.stage("sales", "phone").rotting_days == 2
        assert load_default().limits.max_attempts == 6

    def test_a_table_is_merged(self):
        assert changed({"limits": {"max_attempts": 4}}) == changed({"limits.max_attempts": 4})

    def test_a_status_can_be_added_renamed_and_retired(self):
        settings = {"statuses.hot.retired": True, "statuses.hot": {"label": "Hot", "role": "in_process"}}
        assert changed(settings).status("hot").model_dump() == {
            "key": "hot",
            "label": "Hot",
            "role": "in_process",
            "retired": True,
        }

    def test_an_added_stage_stands_before_won_and_lost(self):
        process = changed({"pipelines.sales.stages.demo": {"label": "Demo", "role": "open", "probability": 50}})
        assert [stage.key for stage in process.default_pipeline.stages][-3:] == ["demo", "won", "lost"]

    def test_a_whole_list_can_be_replaced(self):
        stages = [
            {"key": "lost", "label": "Lost", "role": "lost", "probability": 0},
            {"key": "talk", "label": "Talk", "role": "open", "probability": 30, "rotting_days": 4},
            {"key": "won", "label": "Won", "role": "won", "probability": 100},
        ]
        process = changed({"pipelines.sales.stages": stages, "pipelines.sales.stages.talk.label": "Speak"})
        assert [stage.label for stage in process.pipeline("sales").stages] == ["Speak", "Won", "Lost"]
        assert stages[1]["label"] == "Talk"

    def test_a_second_pipeline(self):
        stages = [stage.model_dump() for stage in DEFAULT.default_pipeline.stages]
        process = changed({"pipelines.renewals": {"label": "Renewals", "stages": stages}})
        assert process.first_open_stage("renewals").key == "phone"
        assert process.default_pipeline.key == "sales"

    def test_rates_fall_away_with_the_currency_they_were_meant_for(self):
        process = changed({"currency": "USD", "rates.ILS": "0.28"})
        assert process.rates == {"ILS": Decimal("0.28")}
        assert process.rate("USD") == 1

    def test_settings_can_be_laid_over_settings(self):
        once = changed({"limits.max_attempts": 4, "working.holidays": ["2026-12-06"]})
        twice = with_settings(once, {"limits.touch_days": 5})
        assert (twice.limits.max_attempts, twice.limits.touch_days, twice.working.holidays) == (4, 5, once.working.holidays)


class TestRefused:
    @pytest.mark.parametrize(
        ("key", "meant"),
        [
            ("limits.max_atempts", "limits.max_attempts"),
            ("max_attempts", "limits.max_attempts"),
            ("limit.max_attempts", "limits.max_attempts"),
            ("statuses.new.lable", "statuses.new.label"),
            ("statuses.nwe.label", "statuses.new.label"),
            ("pipelines.sales.stages.fone.probability", "pipelines.sales.stages.phone.probability"),
            ("curency", "currency"),
        ],
    )
    def test_a_wrong_key_names_what_was_meant(self, key, meant):
        refused = refusal({key: 4})
        assert refused.field == key
        assert f"did you mean {meant}?" in refused.message

    @pytest.mark.parametrize("key", ["", ".", "statuses.new.key", "working.holidays.x", "limits.max_attempts.x", "\x1b[2J"])
    def test_keys_that_are_no_settings(self, key):
        refused = refusal({key: "x"})
        assert refused.field == key
        assert refused.message.isprintable()

    @pytest.mark.parametrize(
        ("key", "value", "told"),
        [
            ("limits.max_attempts", 0, "at least 1"),
            ("limits.max_attempts", 101, "at most 100"),
            ("limits.max_attempts", "many", "whole number is needed (not many)"),
            ("limits.max_attempts", 4.5, "whole number"),
            ("limits.max_attempts", True, "whole number"),
            ("limits.max_attempts", None, "whole number"),
            ("limits.max_attempts", "9" * 9999, "whole number"),
            ("limits.fresh_minutes", 901, "shorter than late_hours"),
            ("limits.late_hours", 25, "not be longer than breached_days"),
            ("limits.inactive_days", -1, "at least 1"),
            ("limits", 5, "table"),
            ("name", "x" * 61, "at most 60"),
            ("name", "a\x1b[2Jb", "control characters"),
            ("region", "UK", "GB"),
            ("region", None, "text"),
            ("language", "fr", "'en' or 'he'"),
            ("currency", "usd", "three capital letters"),
            ("rates.USD", 0, "more than 0"),
            ("rates.USD", "NaN", "number"),
            ("rates.USD", "a lot", "number"),
            ("rates.USD", True, "number"),
            ("rates.usd", 3, "three capital letters"),
            ("rates.ILS", 1, "ILS"),
            ("working.zone", "Asia/Jeruslem", "did you mean Asia/Jerusalem?"),
            ("working.zone", "../etc/passwd", "no such time zone"),
            ("working.zone", "Asia", "no such time zone"),
            ("working.days", [], "at least 1"),
            ("working.days", ["Sun"], "did you mean sunday?"),
            ("working.start", "18:00", "before it ends"),
            ("working.start", "8", "08:00"),
            ("working.end", "24:00", "08:00"),
            ("working.end", 64800, "08:00"),
            ("working.holidays", ["6.12.2026"], "2026-12-31"),
            ("working.holidays", ["2026-02-30"], "2026-12-31"),
            ("working.holidays", ["2026-W50-1"], "2026-12-31"),
            ("working.holidays", [20261206], "2026-12-31"),
            ("working.holidays", "XX", "a country, such as IL"),
            ("working.holidays", 5, "list"),
            ("working.eves", "quarter", "'work', 'half' or 'off'"),
            ("statuses.new.label", {"fr": "Nouveau"}, "labels are given for en, he"),
            ("statuses.new.label", {"he": "a\u202eb"}, "control characters"),
            ("statuses.new.label", {}, "text is needed"),
            ("statuses.new.label", "x" * 61, "at most 60"),
            ("sources.ads.offline", True, "online or offline"),
            ("closing_reasons.unreachable.retired", True, "cannot be retired"),
            ("fields.size", {"label": "Size", "kind": "choice"}, "has choices"),
            ("fields.size", {"label": "Size", "kind": "text", "choices": ["a"]}, "has choices"),
            ("fields.size", {"label": "Size", "kind": "txt"}, "did you mean text?"),
            ("fields.email", {"label": "E-mail", "kind": "text"}, "every contact has already"),
            ("tags", "vip", "list"),
            ("statuses", [], "new is missing"),
            ("statuses", None, "list"),
            ("statuses", [{"key": 5}], "statuses.5"),
            ("statuses.new.role", "closed", "keeps its role"),
            ("statuses.new.retired", True, "cannot be retired"),
            ("statuses.new.retired", "perhaps", "true or false"),
            ("statuses.new.label", " ", "text is needed"),
            ("statuses.new", "New", "table"),
            ("statuses.new", {"key": "newer"}, "cannot be another"),
            ("statuses.new", {"lable": "New"}, "did you mean statuses.new.label?"),
            ("statuses.hot", {"label": "Hot"}, "statuses.hot.role: is missing"),
            ("statuses.hot", {"label": "Hot", "role": "in_proces"}, "did you mean in_process?"),
            ("statuses.Hot", {"label": "Hot", "role": "new"}, "a-z, 0-9 and _"),
            ("lifecycle.vip", {"label": "VIP"}, "only the labels"),
            ("readiness", [], "only the labels"),
            ("closing_reasons", [{"key": "price", "label": "Price"}], "timing is missing"),
            ("desks.leadometer", {"label": "Leadometer"}, "leadometer"),
            ("pipelines", [], "at least 1"),
            ("pipelines.sales.stages", [], "at least one open stage"),
            ("pipelines.sales.stages.phone.probability", 101, "at most 100"),
            ("pipelines.sales.stages.phone.probability", -1, "at least 0"),
            ("pipelines.sales.stages.phone.rotting_days", 0, "at least 1"),
            ("pipelines.sales.stages.won.probability", 90, "100"),
            ("pipelines.sales.stages.won.role", "open", "won and lost"),
            ("pipelines.sales.stages.phone.role", "won", "won and lost"),
        ],
    )
    def test_a_wrong_value_says_where_and_why(self, key, value, told):
        refused = refusal({key: value})
        assert refused.field == key
        assert told in refused.message
        assert refused.message.isprintable()
        assert len(refused.message) < 300

    @pytest.mark.parametrize(
        ("left_out", "told"), [("won", "one won and one lost"), ("lost", "one won and one lost"), ("open", "one open stage")]
    )
    def test_a_pipeline_needs_each_role(self, left_out, told):
        stages = [stage.model_dump() for stage in DEFAULT.default_pipeline.stages if stage.role != left_out]
        assert told in refusal({"pipelines.sales.stages": stages}).message

    def test_keys_are_unique(self):
        statuses = [status.model_dump() for status in DEFAULT.statuses]
        assert "new stands there twice" in refusal({"statuses": [*statuses, statuses[0]]}).message

    def test_holidays_that_leave_no_working_day_in_a_year(self):
        year = [date.fromordinal(date(2026, 1, 1).toordinal() + step).isoformat() for step in range(2 * 366)]
        refused = refusal({"working.holidays": year})
        assert refused.field == "working.holidays"
        assert "no working day" in refused.message

    def test_of_several_settings_the_wrong_one_is_named(self):
        refused = refusal({"limits.touch_days": 4, "limits.max_attempts": 0, "name": "Acme"})
        assert refused.field == "limits.max_attempts"


def test_what_the_screens_show_before_the_process_is_loaded_is_what_is_shipped():
    from crm_tui.reads.labels import READINESS
    from crm_tui.rules.cadence import SHIPPED_CURRENCY, SHIPPED_REGION, SHIPPED_ZONE
    from crm_tui.rules.calendar import WorkingTime

    assert {one.key: one.label for one in DEFAULT.readiness} == READINESS
    assert DEFAULT.working.zone == SHIPPED_ZONE
    assert DEFAULT.region == SHIPPED_REGION
    assert DEFAULT.currency == SHIPPED_CURRENCY
    assert working_of(DEFAULT) == WorkingTime.shipped()


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"statuses.docs.label": "Docs", "limits.touch_days": 5}, ["limits.touch_days"]),
        ({"working.end": "08:30", "working.start": "09:00"}, ["working.end"]),
        ({"nonsense": 1, "limits.fresh_minutes": 1000, "limits.late_hours": 20}, ["limits.fresh_minutes", "limits.late_hours"]),
        ({"nonsense": 1}, []),
        ({"limits.touch_days": 5}, ["limits.touch_days"]),
    ],
)
def test_settings_that_do_not_fit_keep_nobody_from_working(settings, kept):
    assert sorted(usable_settings(DEFAULT, settings)) == kept
