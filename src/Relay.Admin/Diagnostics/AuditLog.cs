using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Admin.Identity;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// A line for every change of the fleet that somebody asks for: who, from where, what, and what came of it. Ids are
/// stable. No value of a line holds a control character: what clients wrote is percent-encoded or JSON.
/// </summary>
internal sealed partial class AuditLog(ILoggerFactory logs)
{
    private readonly ILogger _log = logs.CreateLogger("relay-admin.audit");

    private const int MaxDetail = 1024;

    /// <summary>A change was asked for and has been answered.</summary>
    /// <param name="http">The request, answered.</param>
    public void Changed(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var detail = http.Features.Get<AuditDetail>()?.Text ?? "";
        if (detail.Length > MaxDetail)
            detail = detail[..MaxDetail] + "…";
        var location = http.Response.Headers.Location.ToString();
        if (status < 400)
            Done(_log, Who(http), http.Request.Method, What(http), status, From(http), location, detail);
        else
            Refused(_log, Who(http), http.Request.Method, What(http), status, From(http), detail);
    }

    /// <summary>A token was shown that is not known.</summary>
    public void WrongToken(HttpContext http) => WrongToken(_log, http.Request.Method, What(http), From(http));

    private static string Who(HttpContext http) => Caller.Of(http)?.Name ?? "nobody";

    private static string What(HttpContext http) => http.Request.Path.ToUriComponent();

    private static string From(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "?";

    [LoggerMessage(480, LogLevel.Information,
        "{Who} did {Method} {Path}: {Status}, from {Source}; {Location} {Detail}")]
    private static partial void Done(
        ILogger logger, string who, string method, string path, int status, string source, string location,
        string detail);

    [LoggerMessage(481, LogLevel.Warning, "{Who} was refused {Method} {Path}: {Status}, from {Source}; {Detail}")]
    private static partial void Refused(
        ILogger logger, string who, string method, string path, int status, string source, string detail);

    [LoggerMessage(482, LogLevel.Warning, "a wrong token was shown for {Method} {Path}, from {Source}")]
    private static partial void WrongToken(ILogger logger, string method, string path, string source);
}

/// <summary>What a change is made of, for the audit line: JSON.</summary>
internal sealed record AuditDetail(string Text)
{
    /// <summary>Notes the body of a request.</summary>
    public static void Note<T>(HttpContext http, T body, JsonTypeInfo<T> type) =>
        http.Features.Set(new AuditDetail(JsonSerializer.Serialize(body, type)));
}
