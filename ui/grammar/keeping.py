"""Commands of the models and the house."""

from typing import Any

from ui.grammar.words import command, json_flag


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
