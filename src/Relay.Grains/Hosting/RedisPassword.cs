using StackExchange.Redis.Configuration;

namespace Relay.Grains.Hosting;

/// <summary>Redis's password as it is in a file at the moment: the client of Redis asks for it at each connection.</summary>
/// <param name="path">The file. Where it cannot be read, Redis is shown none.</param>
internal sealed class RedisPassword(string path) : DefaultOptionsProvider
{
    /// <inheritdoc/>
    public override string? Password
    {
        get
        {
            try
            {
                return File.ReadAllText(path).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
