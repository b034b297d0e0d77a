"""Pages for people: server-rendered, readable without JavaScript, made of the answers that the API gives."""

from __future__ import annotations

from analyzer.web.pages import login_page, mount_pages

__all__ = ["login_page", "mount_pages"]
