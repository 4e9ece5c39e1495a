# A task that runs every minute, one that runs when it has stopped, and one whose role may not run it.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" { region = "ap-northeast-1" }

variable "subnet" { type = string }
variable "security_group" { type = string }
variable "job" { type = string }
variable "report" { type = string }

variable "description" {
  type    = string
  default = "Every minute"
}

data "aws_ecs_cluster" "stories" { cluster_name = "stories" }
data "aws_iam_role" "execution" { name = "stories" }

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "run" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = [var.job, var.report]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [data.aws_ecs_cluster.stories.arn]
    }
  }

  statement {
    actions   = ["iam:PassRole"]
    resources = [data.aws_iam_role.execution.arn]

    condition {
      test     = "StringLike"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    actions   = ["ecs:TagResource"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RunTask"]
    }
  }
}

resource "aws_iam_role" "runner" {
  name               = "runner"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "run" {
  role   = aws_iam_role.runner.name
  policy = data.aws_iam_policy_document.run.json
}

resource "aws_iam_role" "idle" {
  name               = "idle"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_cloudwatch_event_rule" "minute" {
  name                = "every-minute-of-every-single-day"
  description         = var.description
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "job" {
  rule     = aws_cloudwatch_event_rule.minute.name
  arn      = data.aws_ecs_cluster.stories.arn
  role_arn = aws_iam_role.runner.arn
  input    = jsonencode({ containerOverrides = [{ name = "web", command = ["sh", "-c", "exit 0"] }] })

  ecs_target {
    task_definition_arn     = var.job
    launch_type             = "FARGATE"
    platform_version        = "LATEST"
    enable_ecs_managed_tags = true
    tags                    = { by = "schedule" }

    network_configuration {
      subnets         = [var.subnet]
      security_groups = [var.security_group]
    }
  }

  depends_on = [aws_iam_role_policy.run]
}

resource "aws_cloudwatch_event_rule" "stopped" {
  name = "stopped"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail      = { lastStatus = ["STOPPED"], group = ["family:job"] }
  })
}

resource "aws_cloudwatch_event_target" "report" {
  rule     = aws_cloudwatch_event_rule.stopped.name
  arn      = data.aws_ecs_cluster.stories.arn
  role_arn = aws_iam_role.runner.arn

  input_transformer {
    input_paths    = { task = "$.detail.taskArn" }
    input_template = <<-END
      {"containerOverrides": [{"name": "web", "environment": [{"name": "TASK", "value": <task>}]}]}
    END
  }

  ecs_target {
    task_definition_arn = var.report
    task_count          = 1
    launch_type         = "FARGATE"
    group               = "reports"

    network_configuration {
      subnets         = [var.subnet]
      security_groups = [var.security_group]
    }
  }

  depends_on = [aws_iam_role_policy.run]
}

resource "aws_cloudwatch_event_rule" "forbidden" {
  name                = "forbidden"
  schedule_expression = "cron(* * * * ? *)"
}

resource "aws_cloudwatch_event_target" "forbidden" {
  rule     = aws_cloudwatch_event_rule.forbidden.name
  arn      = data.aws_ecs_cluster.stories.arn
  role_arn = aws_iam_role.idle.arn

  ecs_target {
    task_definition_arn = var.job
    launch_type         = "FARGATE"

    network_configuration {
      subnets = [var.subnet]
    }
  }
}
