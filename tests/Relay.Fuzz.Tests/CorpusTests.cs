using Relay.Fuzz.Engine;

namespace Relay.Fuzz.Tests;

/// <summary>Whatever was ever wrong stays right: the kept inputs of every target, and a few of its own.</summary>
public class CorpusTests
{
    /// <summary>What the suite can afford; a run of minutes is eng/fuzz.sh's.</summary>
    private const int MaxInput = 4096;

    public static TheoryData<string> Names => [.. TargetTable.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Corpus_OfEachTarget_Holds(string name)
    {
        var corpus = Corpus.Of(name);
        var target = TargetTable.Create(name);
        Assert.NotEmpty(corpus);
        foreach (var (input, bytes) in corpus)
        {
            Assert.True(bytes.Length <= MaxInput, $"{name}/{input} is longer than {MaxInput} bytes.");
            Run(name, target, bytes, input);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Inputs_MadeOfIt_HoldToo(string name)
    {
        var target = TargetTable.Create(name);
        var mutator = new Mutator([.. Corpus.Of(name).Select(static input => input.Bytes)], target.Words);
        var count = target.GetType().Namespace!.EndsWith("Stack", StringComparison.Ordinal) ? 10 : 200;
        for (var seed = 1; seed <= count; seed++)
            Run(name, target, mutator.Next(seed), $"--seed {seed} --count 1");
    }

    [Fact]
    public void Corpus_Folders_AreTargets()
    {
        var folders = Directory.EnumerateDirectories(Corpus.FolderOf("")).Select(Path.GetFileName);
        Assert.Empty(folders.Except(TargetTable.Names));
    }

    private static void Run(string name, FuzzTarget target, byte[] bytes, string input)
    {
        try
        {
            target.Run(bytes);
        }
        catch (Exception exception)
        {
            Assert.Fail($"{name} {input}: {exception}");
        }
    }
}
