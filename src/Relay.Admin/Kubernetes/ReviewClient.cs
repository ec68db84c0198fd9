using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Fleet.Contract;

namespace Relay.Admin.Kubernetes;

/// <summary>
/// Asks the API server whose a token is: a TokenReview of <c>authentication.k8s.io/v1</c>. The token that it asks by and the
/// authority that it trusts are read anew for each, since the kubelet replaces both.
/// </summary>
internal sealed class ReviewClient(KubernetesConfig config) : IDisposable
{
    // Set for tokens that are bound to a pod, from Kubernetes 1.30 on (KEP-4193).
    private const string NodeName = "authentication.kubernetes.io/node-name";
    private const int MaxAnswer = 256 * 1024;

    private readonly Lock _gate = new();
    private HttpClient? _client;
    private string? _authority;

    /// <summary>
    /// The machine that the pod of a token runs on; null where it is no token of a node's pod, and then why, where the cluster knows it.
    /// </summary>
    /// <exception cref="HttpRequestException">The API server cannot be reached, or does not review tokens for us.</exception>
    /// <exception cref="JsonException">It answers something else.</exception>
    /// <exception cref="IOException">What the kubelet gives a pod is not there.</exception>
    public async Task<(string? Node, string? Reason)> AskAsync(string token, CancellationToken cancellation)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(config.Audience) },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(config.Server, "/apis/authentication.k8s.io/v1/tokenreviews"))
        {
            Content = new StringContent(review.ToJsonString(), new MediaTypeHeaderValue("application/json")),
        };
        var own = await File.ReadAllTextAsync(Path.Combine(config.Folder, "token"), cancellation).ConfigureAwait(false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", own.Trim());
        using var response = await ClientOf(await ReadAuthorityAsync(cancellation).ConfigureAwait(false))
            .SendAsync(request, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return NodeOf(JsonNode.Parse(body));
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private (string? Node, string? Reason) NodeOf(JsonNode? answer)
    {
        try
        {
            var status = answer?["status"];
            if ((bool?)status?["authenticated"] != true)
                return (null, null);
            if ((string?)status["user"]?["username"] is var account && config.FaultOf(account, $"'{account}'") is { } fault)
                return (null, fault);
            // "A TokenReview client that sets the spec.audiences field should validate that a compatible audience identifier is
            // returned in the status.audiences field to ensure that the TokenReview server is audience aware."
            if (status["audiences"] is not JsonArray audiences || !audiences.Any(one => (string?)one == config.Audience))
                return (null, $"it is not for the audience '{config.Audience}'");
            var machine = status["user"]!["extra"]?[NodeName] is JsonArray { Count: 1 } nodes ? (string?)nodes[0] : null;
            return Names.IsNode(machine) ? (machine, null)
                : (null, machine is null ? "it names no machine, as Kubernetes does from 1.30 on" : $"no node can have the name of its machine, '{machine}'");
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("not a TokenReview", e);
        }
    }

    private async Task<string?> ReadAuthorityAsync(CancellationToken cancellation) => config.Server.Scheme == Uri.UriSchemeHttps
        ? await File.ReadAllTextAsync(Path.Combine(config.Folder, "ca.crt"), cancellation).ConfigureAwait(false) : null;

    private HttpClient ClientOf(string? authority)
    {
        lock (_gate)
        {
            if (_client is not null && authority == _authority)
                return _client;
            // What is under way by the one before ends by its own time.
            (_authority, _client) = (authority, new HttpClient(HandlerOf(authority)) { MaxResponseContentBufferSize = MaxAnswer });
            return _client;
        }
    }

    private static SocketsHttpHandler HandlerOf(string? authority)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            MaxConnectionsPerServer = 4,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (authority is null)
            return handler;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(authority);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"the cluster's authority cannot be read: {e.Message}", e);
        }
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        return handler;
    }
}
