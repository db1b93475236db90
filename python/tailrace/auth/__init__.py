"""Identities of workloads in place of API keys; they come with a later release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._later import later_names

later_names(
    globals(),
    "workload identity",
    classes="WorkloadIdentityAuth",
    functions="""
        azure_managed_identity_token_provider gcp_id_token_provider k8s_service_account_token_provider
        x509_workload_identity
    """,
    types="SubjectTokenProvider SubjectTokenWorkloadIdentity WorkloadIdentity X509WorkloadIdentity",
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
