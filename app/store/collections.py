"""What is set for collections: which are private."""

from sqlalchemy import Engine, insert, select, update

from app.store.sessions import alone, reading, writing
from app.store.tables import LOCAL
from app.store.tables_talk import CollectionRow


class Collections:
    """The settings of one owner's collections; one that nothing was set for is not private."""

    def __init__(self, engine: Engine, owner: str = LOCAL) -> None:
        self._engine = engine
        self._owner = owner

    def private(self) -> set[str]:
        """The names of the private ones."""
        wanted = select(CollectionRow.name).where(
            CollectionRow.owner == self._owner, CollectionRow.private
        )
        with reading(self._engine) as connection:
            return set(connection.scalars(wanted))

    def set_private(self, name: str, private: bool) -> None:
        """Make a collection private, or open it again."""
        mine = (CollectionRow.owner == self._owner, CollectionRow.name == name)
        with writing(self._engine) as connection:
            alone(connection, f"collection {name!a}")
            changed = connection.execute(update(CollectionRow).where(*mine).values(private=private))
            if not changed.rowcount:
                row = {"owner": self._owner, "name": name, "private": private}
                connection.execute(insert(CollectionRow), row)
