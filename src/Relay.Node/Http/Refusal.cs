using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>A refusal that is not the request's own fault.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Error">RFC 9209 §2.3.</param>
/// <param name="Details">Which of the causes of the error it is: of <see cref="RefusalDetails"/>.</param>
/// <param name="RetryAfterSeconds">When another try may do better; null for no idea.</param>
internal readonly record struct Refusal(int Status, ProxyErrorType Error, string Details, int? RetryAfterSeconds)
{
    /// <summary>A limit is reached: 503.</summary>
    internal static Refusal Limit(string details, int? retryAfterSeconds = null) =>
        new(503, ProxyErrorType.ConnectionLimitReached, details, retryAfterSeconds);

    /// <summary>The client asks too often (RFC 6585 §4): 429.</summary>
    internal static Refusal TooMany(string details, int retryAfterSeconds) =>
        new(429, ProxyErrorType.HttpRequestDenied, details, retryAfterSeconds);
}
