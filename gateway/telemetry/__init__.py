"""Logs, metrics, traces and explain reports."""
