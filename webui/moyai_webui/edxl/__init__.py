"""S13: needs, offers, requests and shipments as messages of OASIS EDXL-RM 1.0, for systems that are not ours."""
