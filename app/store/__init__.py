"""What is kept: tables, migrations, the shelf of documents and the journal of runs."""
