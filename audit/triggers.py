"""Rules the database itself keeps, on both databases: rows only added, decided content unchanged.

Used by migrations. A refusal reaches Python as IntegrityError.
"""

from django.db import migrations


def refuse(table, events, message, *, when="1 = 1"):
    """Refuse these events ("UPDATE", "DELETE", "INSERT") on a table where the SQL `when` holds.

    `when` may use OLD and NEW as the event allows, and subqueries.
    """
    return [_refuse_one(table, event, message, when) for event in events]


def append_only(table):
    return refuse(table, ["UPDATE", "DELETE"], f"rows of {table} are only added")


def _refuse_one(table, event, message, when):
    name = f"{table}_{event.lower()}_refused"

    def create(apps, schema_editor):
        schema_editor.execute(_CREATE[schema_editor.connection.vendor](name, table, event, message, when))

    def drop(apps, schema_editor):
        schema_editor.execute(_DROP[schema_editor.connection.vendor](name, table))

    return migrations.RunPython(create, drop)


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
