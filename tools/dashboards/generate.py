#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Makes Grafana's dashboards of deploy/grafana/dashboards.toml.

    tools/dashboards/generate.py           writes deploy/grafana/dashboards/*.json
    tools/dashboards/generate.py --check   says which of them are not what it would write
"""

import json
import pathlib
import sys
import tomllib

GRAFANA = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "grafana"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS = 24
HEIGHTS = {"stat": 4, "line": 8, "table": 8}
TYPES = {"stat": "stat", "line": "timeseries", "table": "table"}


def panel_json(panel, number, place):
    kind = panel.get("kind", "line")
    defaults = {"unit": panel["unit"], "min": 0}
    if "bad_above" in panel:
        defaults["thresholds"] = {"mode": "absolute", "steps": [
            {"color": "green", "value": None}, {"color": "red", "value": panel["bad_above"]}]}
    made = {
        "id": number,
        "type": TYPES[kind],
        "title": panel["title"],
        "description": panel["says"],
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": expression,
             "legendFormat": legend, "instant": kind != "line", "range": kind == "line"}
            for i, (expression, legend) in enumerate(panel["queries"])],
    }
    if kind == "line":
        defaults["custom"] = {"lineWidth": 1, "fillOpacity": 8, "showPoints": "never"}
        made["options"] = {"legend": {"displayMode": "list", "placement": "bottom"},
                           "tooltip": {"mode": "multi", "sort": "desc"}}
    if kind == "stat":
        made["options"] = {"reduceOptions": {"calcs": ["lastNotNull"]},
                           "colorMode": "value" if "bad_above" in panel else "none"}
    return made


def row_json(row, number, top):
    """The row's heading and its panels, and where the next row begins."""
    made = [{"id": number, "type": "row", "title": row["title"], "collapsed": False,
             "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}, "panels": []}]
    panels = row["panels"]
    per_line = 5 if panels[0].get("kind") == "stat" else min(len(panels), 4)
    if per_line == 4 and len(panels) % 4 == 1:
        per_line = 3
    width = COLUMNS // per_line
    left, line_top, height = 0, top + 1, 0
    for panel in panels:
        if left + width > COLUMNS:
            left, line_top = 0, line_top + height
        height = HEIGHTS[panel.get("kind", "line")]
        number += 1
        place = {"x": left, "y": line_top, "w": width, "h": height}
        made.append(panel_json(panel, number, place))
        left += width
    return made, number + 1, line_top + height


def variable(name, query):
    return {"name": name, "label": name, "type": "query", "datasource": SOURCE, "query": query,
            "definition": query, "refresh": 2, "includeAll": True, "multi": True,
            "allValue": ".*", "current": {"text": "All", "value": "$__all"}, "sort": 1}


def dashboard_json(dashboard):
    shown = dashboard.get("instances_of", "annals_build_info")
    variables = [variable("instance", f"label_values({shown}, instance)")]
    if dashboard.get("chooses_namespace"):
        variables.append(variable("namespace", "label_values(annals_log_position, namespace)"))
    if dashboard.get("chooses_entity"):
        series = f'eskit_events_store_total{{instance=~"$instance"}}'
        variables.append(variable("entity", f"label_values({series}, entity_type)"))
    panels, number, top = [], 1, 0
    for row in dashboard["row"]:
        made, number, top = row_json(row, number, top)
        panels += made
    return {
        "uid": dashboard["uid"],
        "title": dashboard["title"],
        "tags": ["annals"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": variables},
        "links": [{"type": "dashboards", "tags": ["annals"], "title": "annals", "asDropdown": True,
                   "keepTime": True, "includeVars": True}],
        "panels": panels,
    }


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    described = tomllib.loads((GRAFANA / "dashboards.toml").read_text())["dashboard"]
    stale = []
    known = set()
    for dashboard in described:
        path = GRAFANA / "dashboards" / dashboard["file"]
        known.add(path)
        text = json.dumps(dashboard_json(dashboard), indent=2, ensure_ascii=False) + "\n"
        if path.exists() and path.read_text() == text:
            continue
        if arguments:
            stale.append(path)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    stale += [path for path in (GRAFANA / "dashboards").glob("*.json") if path not in known]
    for path in stale:
        print(f"{path.name} is not what dashboards.toml says: run tools/dashboards/generate.py, "
              "or remove it", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
