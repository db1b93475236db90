"""Identities of workloads in place of API keys: what proves who runs is exchanged for a token that lives shortly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from ._workload import (
        SubjectTokenProvider as SubjectTokenProvider,
        SubjectTokenWorkloadIdentity as SubjectTokenWorkloadIdentity,
        WorkloadIdentity as WorkloadIdentity,
        WorkloadIdentityAuth as WorkloadIdentityAuth,
        X509WorkloadIdentity as X509WorkloadIdentity,
        azure_managed_identity_token_provider as azure_managed_identity_token_provider,
        gcp_id_token_provider as gcp_id_token_provider,
        k8s_service_account_token_provider as k8s_service_account_token_provider,
        x509_workload_identity as x509_workload_identity,
    )

_NAMES = """
    SubjectTokenProvider WorkloadIdentity SubjectTokenWorkloadIdentity X509WorkloadIdentity WorkloadIdentityAuth
    x509_workload_identity k8s_service_account_token_provider azure_managed_identity_token_provider
    gcp_id_token_provider
"""

lazy_exports(globals(), dict.fromkeys(_NAMES.split(), "._workload"))
