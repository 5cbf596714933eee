"""Commands of the library, the models and the house."""

from typing import Any

from ui.grammar.words import command, json_flag


def library(tree: Any) -> None:
    """Add the commands to the tree."""
    add = command(tree, "add", "put files and folders into the library")
    add.add_argument(
        "paths", metavar="PATH", nargs="+", help="txt, md, html and pdf; folders whole"
    )
    add.add_argument("--collection", metavar="NAME", help="which collection takes them (default)")
    library = command(
        tree, "library", "show what the library holds, search it, or change what it holds"
    )
    library.add_argument(
        "part",
        nargs="?",
        choices=("search", "collections", "private", "public", "remove", "reindex"),
        metavar="search|collections|private|public|remove|reindex",
        help="search WORDS; list the collections; make collection NAME private (no Slack "
        "channel is answered from it) or public again; remove SOURCE; reindex all",
    )
    library.add_argument("what", nargs="?", metavar="WORDS|NAME|SOURCE")
    library.add_argument("--collection", metavar="NAME", help="only what this collection holds")
    json_flag(library)


def models(tree: Any) -> None:
    """Add the commands to the tree."""
    models = command(tree, "models", "list the models, choose one, or prepare the embedded one")
    models.add_argument(
        "part", nargs="?", choices=("list", "use", "prepare"), default="list",
        metavar="list|use|prepare",
    )  # fmt: skip
    models.add_argument("name", nargs="?", metavar="NAME", help="the model to use")
    json_flag(models)


def house(tree: Any) -> None:
    """Add the commands to the tree."""
    config = command(tree, "config", "list every setting with its value and origin, or set one")
    config.add_argument(
        "part", nargs="?", choices=("list", "set"), default="list", metavar="list|set"
    )
    config.add_argument("key", nargs="?", metavar="KEY")
    config.add_argument("value", nargs="?", metavar="VALUE")
    json_flag(config)
    json_flag(command(tree, "doctor", "check the house and say what mends each fault"))
    engine = command(tree, "engine", "show or stop the process that holds model and library")
    engine.add_argument(
        "part", nargs="?", choices=("status", "stop"), default="status", metavar="status|stop"
    )
    json_flag(engine)
