"""What each action asks before it is a command, by action id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.screens.asking import Asking, begin
from crm_tui.screens.dialogs import Option
from crm_tui.screens.workspace import Subject

if TYPE_CHECKING:
    from crm_tui.answer import Answer
    from crm_tui.app import CrmApp
    from crm_tui.process import Process
    from crm_tui.process_terms import CustomField

Flow = Callable[[Asking], Awaitable[Any]]
_ABOUT_NOBODY = (
    *("add_lead", "incoming", "add_user", "set_away", "set_setting", "edit_template", "sync_now", "news", "duplicates"),
    *("campaigns", "add_campaign", "edit_campaign", "delete_campaign"),
)


def start(app: CrmApp, id_: str, subjects: list[Subject]) -> None:
    """Ask what an action needs, and do it."""
    begin(app, id_, [] if id_ in _ABOUT_NOBODY else subjects, FLOWS[id_])


async def _route(ask: Asking) -> None:
    from crm_tui.reads.labels import away_text
    from crm_tui.reads.targets import targets

    look, found = await ask.look(lambda look: (look, targets(look)))
    options = [
        Option(one.key, one.label, _("{count} open").format(count=one.load) if one.away_until is None else away_text(look, one.away_until))
        for one in found
    ]
    to = await ask.choose(_("Route to"), options)
    reason = None
    if to == "leadometer":
        reason = await ask.line(_("Given back: why?"), keep=True)
    await ask.run_for_all("route", to=to, reason=reason)


async def _set_status(ask: Asking) -> None:
    process = await ask.look(lambda look: look.process)
    offered = [one for one in process.statuses if not one.retired and one.role != "inactive_customer"]
    status = await ask.choose(_("Status"), [Option(one, one.text) for one in offered])
    reason, text = await _reason(ask, _("Not interested: why?")) if status.role == "closed" else (None, None)
    await _moved(ask, await ask.run_for_all("set_status", status=status.key, reason=reason, text=text))


async def _moved(ask: Asking, answer: Answer | None) -> None:
    """What was moved by hand is to be explained."""
    from crm_tui.screens.duty import ask_what_happened

    if answer is not None and answer.id is not None:
        await ask_what_happened(ask)


async def _reason(ask: Asking, title: str) -> tuple[str, str | None]:
    process = await ask.look(lambda look: look.process)
    reason = await ask.choose(title, [Option(one.key, one.text) for one in process.closing_reasons if not one.retired])
    text = await ask.line(_("In a few words"), keep=True) if reason == "other" else None
    return reason, text


async def _set_lifecycle(ask: Asking) -> None:
    process = await ask.look(lambda look: look.process)
    stage = await ask.choose(_("Lifecycle stage"), [Option(one.key, one.text) for one in process.lifecycle])
    await ask.run_for_all("set_lifecycle", stage=stage)


async def _drop(ask: Asking) -> None:
    subject = ask.subject
    if len(ask.subjects) == 1 and subject.deal is not None:
        reason, text = await _reason(ask, _("Deal {name} is lost: why?").format(name=subject.deal_name))
        await _moved(ask, await ask.run("move_deal", deal=show_id(subject.deal), stage="lost", reason=reason, text=text))
        return
    process = await ask.look(lambda look: look.process)
    closed = next(one for one in process.statuses if one.role == "closed" and not one.retired)
    reason, text = await _reason(ask, _("Not interested: why?"))
    await _moved(ask, await ask.run_for_all("set_status", status=closed.key, reason=reason, text=text))


async def _edit_contact(ask: Asking) -> None:
    from crm_tui.reads.contact import contact_json
    from crm_tui.reads.labels import field_label, property_text, readiness_label

    found = await ask.look(lambda look: contact_json(look, ask.subject.contact))
    if found is None:
        return
    look = await ask.look(lambda look: look)
    process = look.process
    own = {field.key: field for field in process.fields}
    names = ["name", "phone", "email", "company", "readiness", *own, *sorted(found["properties"].keys() - own.keys())]
    values = {**found["properties"], **{name: found[name] for name in names[:5]}}
    labels = {name: own[name].text if name in own else field_label(name) for name in names}
    options = [Option(name, labels[name], property_text(look, name, str(values.get(name) or ""))) for name in names]
    name = await ask.choose(_("Edit"), [*options, Option("", _("another property…"))])
    if not name:
        name = await ask.line(_("What is the property called?"))
    old = str(values.get(name) or "")
    if name == "readiness":
        value = await ask.choose(_("Readiness"), [Option(one.key, readiness_label(process, one.key)) for one in process.readiness])
    elif name in own:
        value = await _own_field(ask, own[name], process, old)
    else:
        value = await ask.line(labels.get(name, name), value=old, optional=True, most_lines=4)
    await ask.run("edit_contact", contact=show_id(ask.subject.contact), **{name: value})


async def _own_field(ask: Asking, field: CustomField, process: Process, old: str) -> Any:
    """A value of a field of the business's own, asked for as its kind is."""
    if field.kind in ("choice", "yes_no"):
        choices = [(one, one) for one in field.choices] or [("true", _("yes")), ("false", _("no"))]
        at = next((number for number, (value, _label) in enumerate(choices) if value == old), 0)
        return await ask.choose(field.text, [*(Option(*one) for one in choices), Option("", _("leave empty"))], at=at)
    if field.kind == "date":
        return (await ask.when(field.text, value=old, optional=True) or "")[:10]
    from crm_tui.commands.fields import checked_field

    lines = 4 if field.kind == "text" else 1
    return await ask.line(
        field.text, value=old, optional=True, most_lines=lines, check=lambda text: checked_field(field, text, process) or ""
    )


async def _tag(ask: Asking) -> None:
    process = await ask.look(lambda look: look.process)
    tag = await ask.choose(_("Tag"), [*(Option(one, one) for one in process.tags), Option("", _("another tag…"))]) if process.tags else ""
    await ask.run_for_all("tag", tag=tag or await ask.line(_("Tag")))


async def _untag(ask: Asking) -> None:
    from crm_tui.reads.contact import contact_json

    found = await ask.look(lambda look: contact_json(look, ask.subject.contact))
    tags = found["tags"] if found else []
    if not tags:
        ask.app.say([(_("There is no tag to take off."), "warn")])
        return
    await ask.run_for_all("untag", tag=await ask.choose(_("Take off"), [Option(tag, tag) for tag in tags]))


async def _delete_contact(ask: Asking) -> None:
    await ask.run_for_all("delete_contact")


async def _add_lead(ask: Asking, phone: str = "", source: str = "other") -> None:
    from crm_tui.text.leadline import parse_lead_line

    process = await ask.look(lambda look: look.process)

    def hint(text: str) -> str:
        return " · ".join(parse_lead_line(text, process.region, process.own_sources).values())

    fields = await ask.line(
        _("New lead"),
        keep=True,
        value=phone,
        placeholder=_("Dana Cohen 052-7325777 dana@x.example #expo"),
        hint=hint,
        check=lambda text: parse_lead_line(text, process.region, process.own_sources),
    )
    answer = await ask.run("add_lead", **{"source": source, **fields})
    if answer is None or not answer.id or not answer.record:
        return
    ids = [answer.id]
    try:
        if ask.session.role == "rep":
            routed = await ask.session.do("route", contact=show_id(answer.record), to=ask.session.name)
            ids += [routed.id] if routed.id else []
        if phone:
            # Who calls is talked to already.
            call = await ask.session.do("log_call", contact=show_id(answer.record), outcome="talked", direction="in")
            ids += [call.id] if call.id else []
    finally:
        # What was done is taken back together, the rest failing too.
        ask.app.done_together(ids)
        ask.app.refresh_now()
    await _show_new(ask, answer.record, fields)


async def _show_new(ask: Asking, contact: bytes, fields: dict[str, str]) -> None:
    """The cursor goes to who was just added; where they do not stand in the list, opening them is offered."""
    from crm_tui.screens.listing import Listing
    from crm_tui.screens.telling import Offer, offer_parts

    app = ask.app
    if isinstance(app.screen, Listing) and await app.screen.go_to(contact):
        return
    name = fields.get("name") or fields.get("phone") or fields.get("email") or _("no name")
    app.offers.append(Offer(Subject(contact, name), "open", {}, _("open {name}, who is not in this list").format(name=name)))
    if len(app.offers) == 1:
        app.say([*app.message, *offer_parts(app)])


async def _incoming(ask: Asking) -> None:
    from crm_tui.reads.search import find
    from crm_tui.screens.logging import next_step

    number = await ask.line(_("Incoming call from"), placeholder="052-732-5777")
    found = await ask.look(lambda look: find(look, number, 9))
    options = [Option(one, one.name or one.phone or "", one.company or one.phone or "") for one in found]
    who = await ask.choose(_("Who is it?"), [*options, Option(None, _("somebody new"))], note=number)
    if who is None:
        await _add_lead(ask, phone=f"{number} ", source="phone")
        return
    ask.subjects = [Subject(who.id, who.name, who.phone, who.email)]
    note = await ask.note()
    await ask.run("log_call", contact=show_id(who.id), outcome="talked", direction="in", note=note, **await next_step(ask))


async def _add_task(ask: Asking) -> None:
    kind = await _task_kind(ask, _("What is promised?"))
    due = await ask.when(_("When?"), promised=True)
    note = await ask.line(_("Note"), keep=True, optional=True, most_lines=4)
    await ask.run_for_all("add_task", kind=kind, due=due, note=note or None)


async def _task_kind(ask: Asking, title: str, *, none: bool = False) -> Any:
    from crm_tui.reads.labels import TASKS, task_label

    options = [Option(kind, task_label(kind)) for kind in TASKS]
    return await ask.choose(title, [*options, Option(None, _("nothing"))] if none else options)


async def _complete_task(ask: Asking) -> None:
    await ask.run_for_all("complete_task")


async def _snooze(ask: Asking) -> None:
    await ask.run_for_all("snooze", until=await ask.when(_("Until when?"), promised=True))


async def _deal(ask: Asking) -> tuple[str, str] | None:
    """The deal it is about, as id and stage: the one chosen, else one of the contact's open ones."""
    from crm_tui.reads.board import deal_json
    from crm_tui.reads.contact import contact

    if ask.subject.deal is not None:
        id_ = show_id(ask.subject.deal)
        found = await ask.look(lambda look: deal_json(look, id_))
        return id_, found["stage"]
    card = await ask.look(lambda look: contact(look, ask.subject.contact))
    process = await ask.look(lambda look: look.process)
    roles = {stage.key: stage.role for pipeline in process.pipelines for stage in pipeline.stages}
    deals = [one for one in card.deals if roles.get(one.stage, "open") == "open"] if card else []
    if not deals:
        ask.app.say([(_("{name} has no open deal; o opens one.").format(name=ask.about), "warn")])
        return None
    if len(deals) == 1:
        return show_id(deals[0].id), deals[0].stage
    chosen = await ask.choose(_("Which deal?"), [Option(one, one.name) for one in deals])
    return show_id(chosen.id), chosen.stage


async def _move_deal(ask: Asking) -> None:
    deal = await _deal(ask)
    if deal is None:
        return
    process = await ask.look(lambda look: look.process)
    pipeline = next((one for one in process.pipelines if deal[1] in [stage.key for stage in one.stages]), process.pipelines[0])
    at = next((index for index, stage in enumerate(pipeline.stages) if stage.key == deal[1]), 0)
    stage = await ask.choose(_("To which stage?"), [Option(one, one.text) for one in pipeline.stages], at=at)
    reason, text = await _reason(ask, _("Lost: why?")) if stage.role == "lost" else (None, None)
    await _moved(ask, await ask.run("move_deal", deal=deal[0], stage=stage.key, reason=reason, text=text))


async def _won(ask: Asking) -> None:
    if deal := await _deal(ask):
        await _moved(ask, await ask.run("move_deal", deal=deal[0], stage="won"))


async def _delete_deal(ask: Asking) -> None:
    if deal := await _deal(ask):
        await ask.run("delete_deal", deal=deal[0])


async def _open_deal(ask: Asking) -> None:
    name = await ask.line(_("What is the deal about?"), keep=True)
    value = await ask_amount(ask)
    await ask.run("open_deal", contact=show_id(ask.subject.contact), name=name, value=value or None)


async def ask_amount(ask: Asking, value: str = "", title: str = "") -> str:
    """Money as a person types it, or nothing."""
    from crm_tui.i18n import language
    from crm_tui.text.money import parse_amount, show

    currency = await ask.look(lambda look: look.process.currency)

    def check(text: str) -> str:
        parse_amount(text, currency)
        return text

    def hint(text: str) -> str:
        try:
            return show(parse_amount(text, currency), language())
        except CrmError:
            return ""

    return str(await ask.line(title or _("Value"), value=value, placeholder="8,000", check=check, hint=hint, optional=True))


async def _edit_deal(ask: Asking) -> None:
    deal = await _deal(ask)
    if deal is None:
        return
    from crm_tui.reads.board import deal_json
    from crm_tui.reads.labels import field_label
    from crm_tui.text.dates import short_iso

    look, found = await ask.look(lambda look: (look, deal_json(look, deal[0])))
    values = {"name": found["name"], "value": found["value"]["amount"], "expected_close": found["expected_close"], "owner": found["owner"]}
    shown = {**values, "expected_close": short_iso(values["expected_close"] or "", look.now, look.zone)}
    name = await ask.choose(_("Edit deal"), [Option(key, field_label(key), str(value or "")) for key, value in shown.items()])
    value: Any
    if name == "value":
        value = await ask_amount(ask, str(values["value"] or ""))
    elif name == "expected_close":
        value = (await ask.when(field_label(name)) or "")[:10]
    elif name == "owner":
        users = await ask.session.with_store(lambda store: store.users())
        value = await ask.choose(field_label(name), [Option(one.name, one.name) for one in users])
    else:
        value = await ask.line(field_label(name), value=str(values[name] or ""))
    await ask.run("edit_deal", deal=deal[0], **{name: value})


async def _restore_edit(ask: Asking) -> None:
    if (lost := ask.subject.lost) is not None:
        await ask.run("restore_edit", edit=show_id(lost))


async def _sync_now(ask: Asking) -> None:
    if ask.app.standing.remote is None:
        ask.app.say([(_("This store has no hub yet: crm-tui sync user@host:STORE once, in a shell."), "warn")])
    elif ask.app.syncing is not None:
        ask.app.syncing.now()


async def _news(ask: Asking) -> None:
    from crm_tui.screens.news import NewsScreen

    await ask.app.push_screen(NewsScreen())


async def _why(ask: Asking) -> None:
    from crm_tui.reads.why import why, why_text
    from crm_tui.screens.dialogs import Notice

    contact = ask.subject.contact
    text = await ask.look(lambda look: why_text(look, found) if (found := why(look, contact)) else "")
    if text:
        await ask.app.push_screen(Notice(_("Why: {name}").format(name=ask.about), text))


async def _copy(ask: Asking) -> None:
    subject = ask.subject
    options = [Option(one, one) for one in (subject.phone, subject.email) if one]
    if not options:
        ask.app.say([(_("There is nothing to copy."), "warn")])
        return
    text = options[0].value if len(options) == 1 else await ask.choose(_("Copy"), options)
    ask.app.copy_to_clipboard(text)
    ask.app.say([(_("Copied: {text}").format(text=text), "bold")])


async def _add_user(ask: Asking) -> None:
    name = await ask.line(_("Name of the new user"))
    from crm_tui.users import ROLES, role_label

    role = await ask.choose(_("What do they do here?"), [Option(key, role_label(key)) for key in ROLES])
    await ask.run("add_user", name=name, role=role)


async def _set_away(ask: Asking) -> None:
    users = await ask.session.with_store(lambda store: store.users())
    me = next((one for one in users if one.name == ask.session.name), users[0])
    others = [one for one in users if one.id != me.id]
    who = await ask.choose(_("Who is away?"), [Option(one, one.name) for one in (me, *others)]) if me.role != "rep" else me
    until = await ask.when(_("Until when? Empty: back again"), optional=True)
    cover = None
    if until:
        covers = [Option(one.name, one.name) for one in users if one.id != who.id]
        cover = await ask.choose(_("Who covers?"), [*covers, Option(None, _("nobody"))])
    await ask.app.run_command("set_away", about=who.name, user=who.name, until=until, covered_by=cover)


async def _settings(ask: Asking) -> None:
    from crm_tui.screens.settings import SettingsScreen

    await ask.app.push_screen(SettingsScreen())


def _lazily(module: str, name: str) -> Flow:
    """A flow of another module, imported when it is asked for."""

    async def run(ask: Asking) -> None:
        from importlib import import_module

        await getattr(import_module(f"crm_tui.screens.{module}"), name)(ask)

    return run


FLOWS: dict[str, Flow] = {
    "add_lead": _add_lead,
    "edit_contact": _edit_contact,
    "route": _route,
    "set_status": _set_status,
    "set_lifecycle": _set_lifecycle,
    "tag": _tag,
    "untag": _untag,
    "merge": _lazily("merging", "merge"),
    "duplicates": _lazily("merging", "duplicates"),
    "unmerge": _lazily("merging", "unmerge"),
    "not_same": _lazily("merging", "not_same"),
    "delete_contact": _delete_contact,
    "log_call": _lazily("logging", "log_call"),
    "log_email": _lazily("logging", "log_written"),
    "log_meeting": _lazily("logging", "log_written"),
    "log_message": _lazily("logging", "log_written"),
    "log_note": _lazily("logging", "log_note"),
    "correct_interaction": _lazily("logging", "correct"),
    "remove_interaction": _lazily("logging", "remove"),
    "add_task": _add_task,
    "complete_task": _complete_task,
    "snooze": _snooze,
    "open_deal": _open_deal,
    "edit_deal": _edit_deal,
    "move_deal": _move_deal,
    "send_quote": _lazily("quoting", "send_quote"),
    "answer_quote": _lazily("quoting", "answer_quote"),
    "delete_deal": _delete_deal,
    "campaigns": _lazily("campaigns", "choose_campaign"),
    "add_campaign": _lazily("campaigns", "add_campaign"),
    "edit_campaign": _lazily("campaigns", "edit_campaign"),
    "delete_campaign": _lazily("campaigns", "delete_campaign"),
    "restore_edit": _restore_edit,
    "sync_now": _sync_now,
    "news": _news,
    "add_user": _add_user,
    "set_away": _set_away,
    "set_setting": _settings,
    "edit_template": _lazily("templates", "edit_template"),
    "drop": _drop,
    "won": _won,
    "incoming": _incoming,
    "why": _why,
    "copy": _copy,
    "search": _lazily("menus", "search"),
    "palette": _lazily("menus", "palette"),
    "menu": _lazily("menus", "menu"),
    "help": _lazily("menus", "keys"),
}
"""Every action that asks something; the rest is the app's or a screen's own."""
