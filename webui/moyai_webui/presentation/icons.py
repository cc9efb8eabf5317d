"""The line icons, drawn on 24 × 24, and the drawings that carry numbers. No style attribute: the policy forbids it."""
from __future__ import annotations

from markupsafe import Markup, escape

PATHS = {
    "home": "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
    "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "scan": "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 9h3v3H8zM13.5 9H16M13.5 12H16v3M8 15h5",
    "box": "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
    "truck": "M3 6h11v10H3zM14 10h4l3 3v3h-7M7.5 18.5a1.8 1.8 0 1 0 0-.01M17 18.5a1.8 1.8 0 1 0 0-.01",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "ok": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.3l2.8 2.7L16 9.6",
    "alert": "M12 4l9 16H3zM12 10v4.5M12 17.4h.01",
    "stop": "M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16h.01",
    "x": "M6 6l12 12M18 6L6 18",
    "off": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "down": "M12 4v11M7 11l5 5 5-5M5 20h14",
    "globe": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
    "user": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
    "seal": "M12 3l7 3v5.5c0 4.5-3 7.5-7 9.5-4-2-7-5-7-9.5V6zM8.5 11.8l2.5 2.5 4.5-4.8",
    "go": "M9 5l7 7-7 7",
    "left": "M15 5l-7 7 7 7",
    "tri": "M9 5l7 7-7 7",
    "phone": ("M6 3h3l2 5-2.5 1.5c1 2.5 3 4.5 5.5 5.5L15.5 12.5l5 2v3.5c0 1.5-1 2.5-2.5 2.5"
              "C10.5 20.5 3.5 13.5 3.5 6 3.5 4.2 4.5 3 6 3z"),
    "hands": ("M12 20s-7.5-4.3-7.5-10A4.2 4.2 0 0 1 12 7.5 4.2 4.2 0 0 1 19.5 10"
              "c0 5.7-7.5 10-7.5 10zM8.5 11.5l2.5 2.5 4.5-4.5"),
    "print": "M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.5h.01",
    "mail": "M3.5 6h17v12h-17zM3.5 7l8.5 6 8.5-6",
    "pin": ("M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11"
            "zM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z"),
    "half": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7.5h6.5M12 12h9M12 16.5h6.5",
    "circ": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16z",
    "up2": "M6 12l6-6 6 6M6 19l6-6 6 6",
    "up1": "M6 15l6-6 6 6",
    "set": ("M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5"
            "zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"),
    "pen": "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM13.5 7l3.5 3.5",
    "flag": "M6 21V4h12l-3 4 3 4H6",
    "refresh": "M20 11a8 8 0 0 0-14.5-3.5L4 9M4 4.5V9h4.5M4 13a8 8 0 0 0 14.5 3.5L20 15M20 19.5V15h-4.5",
    "leaf": "M5 19c0-9 5-14 15-14 0 10-5 15-12 14M5 19c2-5 5-7.5 9-9",
    "nosig": ("M3 3l18 18M5 12.5a10 10 0 0 1 4-2.6M2 8.8a15 15 0 0 1 4.5-3M19 12.5a10 10 0 0 0-3-2.2"
              "M22 8.8A15 15 0 0 0 11 5.1M8.5 16a5 5 0 0 1 6 0M12 19.5h.01"),
    "sun": ("M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5"
            "M5.3 5.3L7 7M17 17l1.7 1.7M5.3 18.7L7 17M17 7l1.7-1.7"),
    "key": "M8 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12.5 12H21v4M17 12v3",
}


def icon(name: str, classes: str = "i") -> Markup:
    """An icon beside words; it says nothing by itself."""
    return Markup(f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
                  f'<path d="{PATHS[name]}"/></svg>')


def bar(need: int, received: int, shipped: int, held: int, label: str) -> Markup:
    """Received ⊂ shipped ⊂ held, out of what is needed: one bar, its widths are SVG attributes."""
    whole = max(need, 1)
    received, shipped, held = (min(value, whole) for value in (received, shipped, held))

    def part(start: int, width: int, classes: str) -> str:
        return f'<rect class="{classes}" x="{start}" width="{width}" height="12"/>' if width > 0 else ""

    return Markup(f'<svg class="bar" viewBox="0 0 {whole} 12" preserveAspectRatio="none" role="img" '
                  f'aria-label="{escape(label)}">{part(0, received, "b-recv")}'
                  f'{part(received, shipped - received, "b-ship")}{part(shipped, held - shipped, "b-hold")}</svg>')
