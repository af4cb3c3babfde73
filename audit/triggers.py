"""Rules the database itself keeps, on both databases: rows only added, decided content unchanged.

Used by migrations. A refusal reaches Python as IntegrityError.
"""

from django.db.migrations.operations.base import Operation


class Statement(Operation):
    """SQL by vendor, to be run and to be taken back; nothing for a vendor that is not named. RunPython
    would make every model anew for each of these, which was half the time of all migrations."""

    reduces_to_sql = reversible = True

    def __init__(self, create, drop):
        self.create, self.drop = create, drop

    def state_forwards(self, app_label, state):
        """No model knows of it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        _run(self.create, schema_editor)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        _run(self.drop, schema_editor)


def _run(by_vendor, schema_editor):
    if sql := by_vendor.get(schema_editor.connection.vendor):
        schema_editor.execute(sql)


def refuse(table, events, message, *, when="1 = 1", rule=""):
    """Refuse these events ("UPDATE", "DELETE", "INSERT") on a table where the SQL `when` holds.

    `when` may use OLD and NEW as the event allows, and subqueries. `rule` names a further refusal of
    the same event, beside the one that is there.
    """
    return [_refuse_one(table, event, message, when, rule) for event in events]


def append_only(table):
    message = f"rows of {table} are only added"
    return [*refuse(table, ["UPDATE", "DELETE"], message), refuse_truncate(table, message)]


def refuse_truncate(table, message):
    """PostgreSQL empties a table without asking the triggers of its rows. SQLite has no such thing."""
    name = f"{table}_truncate_refused"
    create = f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';
        END $$;
        CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
    """
    return Statement({"postgresql": create}, {"postgresql": _DROP["postgresql"](name, table)})


def _refuse_one(table, event, message, when, rule):
    name = "_".join(filter(None, [table, event.lower(), rule, "refused"]))
    return Statement(
        {vendor: create(name, table, event, message, when) for vendor, create in _CREATE.items()},
        {vendor: drop(name, table) for vendor, drop in _DROP.items()},
    )


def _create_on_sqlite(name, table, event, message, when):
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _create_on_postgresql(name, table, event, message, when):
    kept = "OLD" if event == "DELETE" else "NEW"
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {when} THEN
                RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN {kept};
        END $$;
        CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
    """


_CREATE = {"sqlite": _create_on_sqlite, "postgresql": _create_on_postgresql}
_DROP = {
    "sqlite": lambda name, table: f"DROP TRIGGER {name}",
    "postgresql": lambda name, table: f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()",
}
