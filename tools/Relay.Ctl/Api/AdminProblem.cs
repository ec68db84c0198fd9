using System.Net;
using System.Text.Json;

namespace Relay.Ctl.Api;

/// <summary>Turns an answer that is not a success into the exception for it.</summary>
internal static class AdminProblem
{
    /// <summary>The exception for an answer.</summary>
    public static Exception Read(HttpStatusCode status, byte[] body, Uri server)
    {
        var problem = Parse(body);
        var message = problem?.Detail ?? problem?.Title ?? $"the answer has status {(int)status}";
        switch (status)
        {
            case HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout:
                return new UnreachableException($"{server.Authority} cannot ask the fleet: {message}");
            case HttpStatusCode.Unauthorized:
                message += "; give a token with --token-file or RELAY_ADMIN_TOKEN";
                break;
            case >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest:
                message = $"{server.Authority} points elsewhere (status {(int)status}), which is not followed; is --server right?";
                break;
        }
        return new AdminException((int)status, message, problem?.Errors);
    }

    private static ProblemBody? Parse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, CtlJson.Default.ProblemBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
