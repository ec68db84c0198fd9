using Relay.Ctl.Cli;
using Relay.Fleet.Contract;
using Relay.Fleet.Recipes;

namespace Relay.Ctl.Commands;

/// <summary><c>profile firefox</c>: see <see cref="FirefoxRecipe"/>.</summary>
internal sealed class FirefoxProfileCommand(CtlContext context) : RecipeCommand(
    "firefox", "A proxy auto-configuration file: Settings, Network Settings, Automatic proxy configuration URL, file:///\u2026. Firefox asks "
        + "for a name and password where the relay wants one.", takesCredentials: false, context)
{
    /// <inheritdoc/>
    protected override string Write(RelayInfo relay, string? authorization, string? authority) => FirefoxRecipe.Write(relay);
}
