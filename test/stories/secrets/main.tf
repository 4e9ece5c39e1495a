# A secret with a value, its policy, and a service on Fargate whose container gets one member of it.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" { region = "ap-northeast-1" }
variable "image" {}
variable "password" {
  default   = "from-terraform-1"
  sensitive = true
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "tf/db"
  description             = "Of the story"
  recovery_window_in_days = 0
  tags                    = { stage = "test" }
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ user = "app", password = var.password })
}

resource "aws_secretsmanager_secret_policy" "db" {
  secret_arn = aws_secretsmanager_secret.db.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.execution.arn }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

# It can be deleted only after a window.
resource "aws_secretsmanager_secret" "kept" {
  name                    = "tf/kept"
  recovery_window_in_days = 7
}

data "aws_secretsmanager_random_password" "any" {
  password_length = 20
}

data "aws_secretsmanager_secret" "by_name" {
  name       = "tf/db"
  depends_on = [aws_secretsmanager_secret.db]
}

resource "aws_iam_role" "execution" {
  name = "tf-execution"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "secrets" {
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = aws_secretsmanager_secret.db.arn
    }]
  })
}

resource "aws_vpc" "v" {
  cidr_block = "10.6.0.0/16"
}

resource "aws_subnet" "s" {
  vpc_id            = aws_vpc.v.id
  cidr_block        = "10.6.0.0/24"
  availability_zone = "ap-northeast-1a"
}

resource "aws_ecs_cluster" "c" {
  name = "tf"
}

resource "aws_ecs_task_definition" "t" {
  family                   = "tf"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name        = "web"
    image       = var.image
    stopTimeout = 2
    secrets = [
      { name = "PASSWORD", valueFrom = "${aws_secretsmanager_secret.db.arn}:password::" },
    ]
  }])
}

resource "aws_ecs_service" "s" {
  name            = "tf"
  cluster         = aws_ecs_cluster.c.id
  task_definition = aws_ecs_task_definition.t.arn
  desired_count   = 1
  launch_type     = "FARGATE"
  network_configuration {
    subnets = [aws_subnet.s.id]
  }
  depends_on = [aws_iam_role_policy.secrets, aws_secretsmanager_secret_version.db]
}
