using System.Security.Authentication;
using Relay.Fleet.Contract;
using StackExchange.Redis;

namespace Relay.Grains.Hosting;

/// <summary>
/// Whether Redis takes this coordinator. Asked before a silo is begun, which could only say the same at length and from
/// each of its parts.
/// </summary>
internal static class RedisCheck
{
    /// <summary>Connects, and asks for a sign of life.</summary>
    /// <param name="config">Says how it is reached.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>What stands against it; null for nothing.</returns>
    internal static async Task<RedisFault?> FaultAsync(SiloConfig config, CancellationToken cancellation)
    {
        try
        {
            var connecting = ConnectionMultiplexer.ConnectAsync(FleetSilo.RedisOptions(config));
            await using var connection = await connecting.WaitAsync(cancellation);
            await connection.GetDatabase().PingAsync().WaitAsync(cancellation);
            return null;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var cause = e.GetBaseException().Message.Trim();
            return new RedisFault(Explain(e, cause), cause);
        }
    }

    private static string Explain(Exception exception, string cause)
    {
        if (exception.GetBaseException() is AuthenticationException)
            return "Redis shows a certificate that is not trusted";
        if (exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
            || Says("WRONGPASS") || Says("NOAUTH"))
            return "Redis refuses the user or the password";
        if (Says("NOPERM"))
            return "Redis does not let this user do what is needed";
        return Says("LOADING") ? "Redis is loading its data" : "Redis cannot be reached";

        bool Says(string code) => cause.Contains(code, StringComparison.Ordinal);
    }
}

/// <summary>Why Redis is of no use at the moment.</summary>
/// <param name="Reason">One sentence, for everybody: it names no server.</param>
/// <param name="Cause">What the client of Redis says, for the log.</param>
internal sealed record RedisFault(string Reason, string Cause);
