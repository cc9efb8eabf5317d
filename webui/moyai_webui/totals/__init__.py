"""S13 取りまとめ: what was needed, sent and received, added up in several ways and handed on as files."""
