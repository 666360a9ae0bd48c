/** Error documents as the stores write them. */
export const STORAGE_ERRORS = {
  gcsExpired:
    '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>Invalid argument.</Message><Details>The provided token has expired.</Details></Error>',
  s3Expired:
    '<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires><ServerTime>2026-03-01T12:00:00Z</ServerTime></Error>',
  r2Expired: '<Error><Code>ExpiredRequest</Code><Message>Request has expired</Message></Error>',
  azureExpired:
    '<Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [a] - Expiry [b]</AuthenticationErrorDetail></Error>',
  badSignature:
    '<Error><Code>SignatureDoesNotMatch</Code><Message>Access denied.</Message><CanonicalRequest>PUT /x X-Goog-Signature=0123456789abcdef</CanonicalRequest></Error>',
  denied:
    '<Error><Code>AccessDenied</Code><Message>No storage.objects.create access.</Message></Error>',
  slowDown: '<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>',
} as const;
