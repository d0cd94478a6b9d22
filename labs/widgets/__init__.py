"""ipywidgets views of the core values. A leaf: only notebooks import it."""

from labs.widgets.decision import PolicyEvaluator, decision_html

__all__ = ["PolicyEvaluator", "decision_html"]
