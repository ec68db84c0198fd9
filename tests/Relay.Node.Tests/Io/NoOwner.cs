using System.Runtime.ExceptionServices;
using Relay.Node.Io;

namespace Relay.Node.Tests.Io;

/// <summary>Whose turns no test expects to fail.</summary>
internal sealed class NoOwner : ITurnOwner
{
    public void OnDefect(Exception exception) => ExceptionDispatchInfo.Throw(exception);
}
