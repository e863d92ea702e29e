"""`bot fit`: fit the numbers of matching on labelled questions."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.common import knowledge_folder, match_settings
from bot.commands.evaluate import rows_of
from bot.config import load_settings
from bot.match import Index
from bot.match.fit import fit as fit_model
from bot.match.thresholds import choose_thresholds, write_model
from knowledge.loader import SHIPPED, load_or_raise

CALIBRATION_FILE = Path("lexicon") / "calibration.yaml"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="print the thresholds, write nothing")
def fit(files: tuple[Path, ...], *, dry_run: bool) -> None:
    """Fit calibration and thresholds on labelled questions (JSON Lines).

    Writes lexicon/calibration.yaml of the knowledge base and prints the answer threshold to put
    into config.yaml. Measure on other questions than these: `bot eval`.
    """
    settings = load_settings()
    folder = knowledge_folder(settings) or SHIPPED
    snapshot = load_or_raise(folder)
    rows = [row for file in files for row in rows_of(file)]
    model = fit_model(rows, snapshot)
    chosen = choose_thresholds(rows, Index.build(snapshot, model), match_settings(settings))
    click.echo(f"{len(rows)} rows, {len(snapshot.answers)} answers")
    for part, weights in model.to_mapping().items():
        click.echo(f"{part}: " + ", ".join(f"{name} {value}" for name, value in weights.items()))
    click.echo(f"matching.answer_threshold: {chosen.answer_threshold:.2f}")
    if not dry_run:
        write_model(model, folder / CALIBRATION_FILE)
        click.echo(f"{CALIBRATION_FILE}: written")
