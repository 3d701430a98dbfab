from store_helpers import *


def test_probe_keep(store, bob, clock):
    c = lead(store)
    before = snapshot(store)
    do(bob, "log_call", contact=c, outcome="no_answer")
    a = do(store, "undo")
    print(a)
    print(show(store, c))
    print(timeline(store, c))
    print(inbox(store))
    assert 0


def test_probe_redo_keep(store, bob, clock):
    c = lead(store)
    do(store, "undo")
    do(store, "redo")
    do(bob, "log_call", contact=c, outcome="no_answer")
    a = do(store, "undo")
    print(a)
    print(gone(store, c))
    assert 0


def test_first_user(store):
    a = do(store, "undo", id=whole_log(store)[0][1])
    print(a, store.users())
    assert 0


def test_refused_everything(store, bob):
    c = lead(store)
    do(store, "edit_contact", contact=c, name="Dana B")
    do(bob, "edit_contact", contact=c, name="Dana C")
    print(do(store, "undo"))
