using Relay.Ctl.Cli;
using Relay.Fleet.Contract;
using Relay.Fleet.Recipes;

namespace Relay.Ctl.Commands;

/// <summary><c>profile sing-box</c>: see <see cref="SingBoxRecipe"/>.</summary>
internal sealed class SingBoxProfileCommand(CtlContext context) : RecipeCommand(
    "sing-box", "A configuration for sing-box 1.12 and later: a proxy at 127.0.0.1:2080 that leads TCP to the relay.",
    takesCredentials: true, context)
{
    /// <inheritdoc/>
    protected override string Write(RelayInfo relay, string? authorization, string? authority)
    {
        try
        {
            return SingBoxRecipe.Write(relay, authorization, authority);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{Authorization.Name}: {e.Message}.");
        }
    }
}
