from django.db import migrations

# Words are stripped of their accents, then stemmed. They arrive in their base form
# (search/words.py), so that a stemmer which counts on accents does not miss them.
POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE TEXT SEARCH CONFIGURATION search_portuguese (COPY = pg_catalog.portuguese);
ALTER TEXT SEARCH CONFIGURATION search_portuguese
    ALTER MAPPING FOR asciiword, word, asciihword, hword, hword_asciipart, hword_part
    WITH unaccent, portuguese_stem;
CREATE TEXT SEARCH CONFIGURATION search_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION search_english
    ALTER MAPPING FOR asciiword, word, asciihword, hword, hword_asciipart, hword_part
    WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION search_spanish (COPY = pg_catalog.spanish);
ALTER TEXT SEARCH CONFIGURATION search_spanish
    ALTER MAPPING FOR asciiword, word, asciihword, hword, hword_asciipart, hword_part
    WITH unaccent, spanish_stem;

CREATE TABLE search_index (
    page_id integer PRIMARY KEY,
    language varchar(12) NOT NULL,
    kind varchar(100) NOT NULL,
    moment timestamptz NOT NULL,
    title_vector tsvector NOT NULL,
    vector tsvector NOT NULL
);
-- Vectors of texts lie outside the rows, so that many rows fit in a page of the disk, and as they
-- are, so that reading one takes no unpacking.
ALTER TABLE search_index ALTER COLUMN vector SET STORAGE EXTERNAL;
ALTER TABLE search_index ALTER COLUMN title_vector SET STORAGE MAIN;
ALTER TABLE search_index SET (toast_tuple_target = 128);
-- How common a word is decides how it is looked for.
ALTER TABLE search_index ALTER COLUMN vector SET STATISTICS 500;
ALTER TABLE search_index ALTER COLUMN title_vector SET STATISTICS 500;
CREATE INDEX search_index_moment ON search_index (language, moment DESC, page_id DESC);
CREATE INDEX search_index_kind ON search_index (language, kind, moment DESC, page_id DESC);
CREATE INDEX search_index_vector ON search_index USING gin (vector) WITH (fastupdate = off);
CREATE INDEX search_index_title ON search_index USING gin (title_vector) WITH (fastupdate = off);
"""
POSTGRESQL_UNDO = """
DROP TABLE search_index;
DROP TEXT SEARCH CONFIGURATION search_portuguese;
DROP TEXT SEARCH CONFIGURATION search_english;
DROP TEXT SEARCH CONFIGURATION search_spanish;
"""
SQLITE = """
CREATE VIRTUAL TABLE search_index USING fts5(
    title, summary, text, facts, tokenize = "unicode61 remove_diacritics 2"
);
"""
SQLITE_UNDO = "DROP TABLE search_index;"


def run(**statements):
    def run(apps, schema_editor):
        schema_editor.execute(statements[schema_editor.connection.vendor])

    return run


class Migration(migrations.Migration):
    """The index that each database searches. ``unaccent`` is a trusted extension."""

    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunPython(
            run(postgresql=POSTGRESQL, sqlite=SQLITE),
            run(postgresql=POSTGRESQL_UNDO, sqlite=SQLITE_UNDO),
            elidable=False,
        )
    ]
