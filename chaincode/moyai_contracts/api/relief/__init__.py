"""Commands of the context `relief`, from a need to the receipt of a box."""
from __future__ import annotations

from moyai_contracts.api.command import Date
from moyai_contracts.api.relief.boxes import (
    HandOverPackage, IssueLabel, PackedLine, PackedPackage, RedirectPackage, RepackDispatch, ShipConsignment,
    ShippedLine, ShippedPackage)
from moyai_contracts.api.relief.dispatches import (
    ApproveDispatch, ApprovedLine, CancelDispatch, DeclineDispatch, DispatchLine, Place, ProposeDispatch,
    ProposedLine, RejectDispatch, RequestDispatch, Route)
from moyai_contracts.api.relief.needs import (
    ChangeNeed, CloseNeed, ConfirmNeeds, NeedLine, RegisterNeed, ReopenNeed, SetIntake, SetSiteStatus)
from moyai_contracts.api.relief.offers import ChangeOffer, RegisterOffer, WithdrawOffer
from moyai_contracts.api.relief.receipts import (
    AcknowledgeDiscrepancy, CorrectReceipt, RecallDispatch, ReceivePackage, ReceivedLine, RecordArrival, ReportLost,
    ResolveDiscrepancy, SurplusLine)
from moyai_contracts.api.relief.terms import (
    ARRIVAL_REASONS, CARRIERS, CLOSE_REASONS, DISCREPANCIES, EVERY_ITEM, LOST_AFTER_SECONDS, MAX_BOXES,
    MAX_LABEL_SERIAL, MAX_QUANTITY, PRIORITIES, RESOLUTIONS, TRANSPORTS, Attributes, Count, ExpiryDate, IntakeItem,
    LabelSerial, Note, PackageId, Quantity, Weight)

__all__ = ["ARRIVAL_REASONS", "AcknowledgeDiscrepancy", "ApproveDispatch", "ApprovedLine", "Attributes", "CARRIERS",
           "CLOSE_REASONS", "CancelDispatch", "ChangeNeed", "ChangeOffer", "CloseNeed", "ConfirmNeeds",
           "CorrectReceipt", "Count", "DISCREPANCIES", "Date", "DeclineDispatch", "DispatchLine", "EVERY_ITEM",
           "ExpiryDate", "HandOverPackage", "IntakeItem", "IssueLabel", "LOST_AFTER_SECONDS", "LabelSerial",
           "MAX_BOXES", "MAX_LABEL_SERIAL", "MAX_QUANTITY", "NeedLine", "Note", "PRIORITIES", "PackageId",
           "PackedLine", "PackedPackage", "Place", "ProposeDispatch", "ProposedLine", "Quantity", "RESOLUTIONS",
           "RecallDispatch", "ReceivePackage", "ReceivedLine", "RecordArrival", "RedirectPackage", "RegisterNeed",
           "RegisterOffer", "RejectDispatch", "ReopenNeed", "RepackDispatch", "ReportLost", "RequestDispatch",
           "ResolveDiscrepancy", "Route", "SetIntake", "SetSiteStatus", "ShipConsignment", "ShippedLine",
           "ShippedPackage", "SurplusLine", "TRANSPORTS", "Weight", "WithdrawOffer"]
