using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>A refusal that is not the request's own fault.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Error">RFC 9209 §2.3.</param>
/// <param name="RetryAfterSeconds">When another try may do better; null for no idea.</param>
internal readonly record struct Refusal(int Status, ProxyErrorType Error, int? RetryAfterSeconds);
