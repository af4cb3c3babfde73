"""Rules the database itself keeps, on both databases: rows only added, decided content unchanged.

Used by migrations. A refusal reaches Python as IntegrityError.
"""

from django.db import migrations


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
    return migrations.RunPython(_on_postgresql(create), _on_postgresql(_DROP["postgresql"](name, table)))


def _on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


def _refuse_one(table, event, message, when, rule):
    name = "_".join(filter(None, [table, event.lower(), rule, "refused"]))

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
