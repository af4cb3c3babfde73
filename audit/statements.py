"""Questions and rows that every page or save waits for: the SQL is made from the models once, and then
only its values change. Making it costs ten times what the database takes to answer it.

The rule stays in its queryset, where every other page takes it from. Not for what is asked now and then.
"""

from functools import cached_property, lru_cache

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigAutoField, DateField, Expression, JSONField
from django.db.models.query import get_related_populators

# Numbers, text, yes and no go to both databases as they are.
MADE_INTO = (DateField, JSONField)
MOST_VALUES = 32_766  # what one statement may hold on an SQLite that knows RETURNING
AT_ONCE = 64  # statements kept of one question


class Given(Expression):
    """Stands in a queryset for a value that is known, under this name, when the question is asked. A moment
    needs its field, which says how the database has it."""

    def __init__(self, name, field=None):
        super().__init__(field)
        self.name, self._stored_as = name, field

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def among(self, given):
        value = given[self.name]
        return value if self._stored_as is None else self._stored_as.get_db_prep_value(value, connection)


def _put(params, given):
    return [one.among(given) if isinstance(one, Given) else one for one in params]


class Question:
    """A queryset of values with some of them `Given`: `build` is called when it is first asked.

    What comes back are the database's own values: numbers and text are the same on both, yes and no
    may be 1 and 0; a date or a time is better compared in the queryset.
    """

    def __init__(self, build):
        self._build = build

    @cached_property
    def _compiled(self):
        return self._build().query.sql_with_params()

    def rows(self, **given):
        sql, params = self._compiled
        with connection.cursor() as cursor:
            cursor.execute(sql, _put(params, given))
            return cursor.fetchall()

    def first(self, **given):
        """The first row, or None; the queryset says that it wants no more."""
        return next(iter(self.rows(**given)), None)


class Rows:
    """As Question, with what comes back made into Python's own values: dates, times, yes and no.

    What makes another statement of it, a role or a day, is told to `build` and to `all` in the same order:
    of those, the ones asked for lately are kept.
    """

    def __init__(self, build):
        self._statement = lru_cache(AT_ONCE)(lambda *shape: _Statement(build(*shape)))

    def all(self, *shape, **given):
        return self._statement(*shape).rows(given)


class _Statement:
    def __init__(self, rows):
        self.compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self.sql, self.params = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql = ""  # it asks for what cannot be, as somebody without any grant does
        else:
            self.converters = self.compiler.get_converters([column for column, *_ in self.compiler.select])

    def rows(self, given):
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, _put(self.params, given))
            rows = cursor.fetchall()
        return list(self.compiler.apply_converters(rows, self.converters)) if rows else []

    @cached_property
    def made_of(self):
        """The model, the names of its columns, where they stand in a row, and what fills in the others."""
        compiler = self.compiler
        places = compiler.klass_info["select_fields"]
        names = [compiler.select[place][0].target.attname for place in places]
        related = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)
        return compiler.klass_info["model"], names, slice(places[0], places[-1] + 1), related

    def object(self, row):
        model, names, own, related = self.made_of
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[own])
        for one in related:
            one.populate(row, made)
        for name, place in self.compiler.annotation_col_map.items():
            setattr(made, name, row[place])
        return made


class Kept(Rows):
    """A queryset of objects, with what `select_related` and `annotate` add, some of its values `Given`."""

    def all(self, *shape, **given):
        statement = self._statement(*shape)
        return [statement.object(row) for row in statement.rows(given)]


def as_prefetched(one, name, rows):
    """Give an object the rows that refer to it, as `prefetch_related` leaves them."""
    found = getattr(one, name).get_queryset()
    found._result_cache, found._prefetch_done = rows, True
    one.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found


class Found:
    """One row by its number, as an object of its model, with what these names relate it to: a join each.
    `asked` may annotate the queryset further."""

    def __init__(self, model, *related, asked=lambda rows: rows):
        self._kept = Kept(
            lambda: asked(model._default_manager.filter(pk=Given("pk")).select_related(*related).order_by())
        )

    def get(self, pk):
        """The object with this number; None without one."""
        if pk > BigAutoField.MAX_BIGINT:
            return None
        return next(iter(self._kept.all(pk=pk)), None)


class Insert:
    """Rows of one table, by the names of the fields; all others are left to the database's defaults."""

    def __init__(self, model, *names):
        self._model, self._names = model, names

    @cached_property
    def _fields(self):
        """Each with its name, and whether what Python has must be made into what the column takes."""
        fields = [self._model._meta.get_field(name) for name in self._names]
        return [(field.name, field, isinstance(field, MADE_INTO)) for field in fields]

    @cached_property
    def _text(self):
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(field.column) for _, field, _ in self._fields)
        table = quoted(self._model._meta.db_table)
        return f"INSERT INTO {table} ({columns}) VALUES "  # noqa: S608  (names of our own columns)

    def rows(self, *rows):
        """Store these mappings. Returns their numbers, in the same order."""
        marks = f"({', '.join(['%s'] * len(self._fields))})"
        at_once = MOST_VALUES // len(self._fields)
        numbers = []
        with connection.cursor() as cursor:
            for start in range(0, len(rows), at_once):
                some = rows[start : start + at_once]
                values = [
                    field.get_db_prep_save(row[name], connection) if made else row[name]
                    for row in some
                    for name, field, made in self._fields
                ]
                cursor.execute(f"{self._text}{', '.join([marks] * len(some))} RETURNING id", values)
                numbers += [number for (number,) in cursor.fetchall()]
        return numbers
