"""What programs written for BindsNET rely on: small such programs, and what they gave on BindsNET itself.

The programs import `bindsnet` as anybody's do, so that the very same lines run on BindsNET and here. ``measured.json`` has what
they gave on BindsNET 0.3.4 and, where it differs, on 0.2.7 (the nearest to 0.2.9 that can be installed still; null where it
cannot). Where the versions differ the newer one is followed.
"""
