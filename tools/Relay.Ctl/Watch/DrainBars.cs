using System.Collections.Concurrent;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Relay.Ctl.Watch;

/// <summary>A drain as bars that move: one for the tunnels of each node, and one for its nodes.</summary>
internal static class DrainBars
{
    /// <summary>Moves the bars until the drain has ended.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="drain">The drain as it is.</param>
    /// <param name="next">Waits a while, and gives it as it is then.</param>
    /// <param name="now">The coordinator's clock.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static Task<DrainInfo> ShowAsync(
        IAnsiConsole console, DrainInfo drain, Func<DrainInfo, CancellationToken, Task<DrainInfo>> next, Func<DateTimeOffset> now,
        CancellationToken cancellation)
    {
        var words = new WordsColumn();
        return console.Progress()
            .AutoRefresh(true).HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), words)
            .StartAsync(async progress =>
            {
                var bars = drain.Nodes.ToDictionary(static n => n.Node, n => progress.AddTask(Label(n.Node)));
                var whole = progress.AddTask("[bold]nodes[/]", maxValue: Math.Max(1, drain.Nodes.Count));
                while (true)
                {
                    foreach (var node in drain.Nodes)
                    {
                        if (bars.TryGetValue(node.Node, out var bar))
                            Move(bar, node, now(), words);
                    }
                    whole.Value = drain.Nodes.Count(static n => IsOver(n.Step));
                    words.Set(whole, DrainFacts.Tunnels(drain) + DrainFacts.TimeLeft(drain, now()));
                    if (drain.State != DrainState.Running)
                        return drain;
                    drain = await next(drain, cancellation).ConfigureAwait(false);
                }
            });
    }

    private static void Move(ProgressTask bar, DrainNodeInfo node, DateTimeOffset now, WordsColumn words)
    {
        bar.MaxValue = Math.Max(1, node.Progress?.TunnelsAtStart ?? 1);
        bar.Value = IsOver(node.Step)
            ? bar.MaxValue
            : Math.Min(bar.MaxValue, (node.Progress?.Finished ?? 0) + (node.Progress?.ForceClosed ?? 0));
        words.Set(bar, DrainFacts.Node(node) + DrainFacts.TimeLeft(node, now));
    }

    private static bool IsOver(DrainStep step) =>
        step is DrainStep.Drained or DrainStep.Returned or DrainStep.Undrained or DrainStep.Lost;

    private static string Label(string node) => Markup.Escape(SafeText.Of(node));

    /// <summary>What a bar means at the moment, in words. Drawn on another thread than set.</summary>
    private sealed class WordsColumn : ProgressColumn
    {
        private readonly ConcurrentDictionary<int, string> _words = [];

        public void Set(ProgressTask bar, string words) => _words[bar.Id] = SafeText.Of(words);

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(_words.GetValueOrDefault(task.Id, ""));
    }
}
